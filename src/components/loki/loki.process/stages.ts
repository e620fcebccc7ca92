import type { StageSpec } from './stage.ts';
import { cri } from './stages/cri.ts';
import { decolorize } from './stages/decolorize.ts';
import { docker } from './stages/docker.ts';
import { drop } from './stages/drop.ts';
import { eventlogmessage } from './stages/eventlogmessage.ts';
import { geoip } from './stages/geoip.ts';
import { json } from './stages/json.ts';
import { labelDrop } from './stages/label_drop.ts';
import { labelKeep } from './stages/label_keep.ts';
import { labels } from './stages/labels.ts';
import { limit } from './stages/limit.ts';
import { logfmt } from './stages/logfmt.ts';
import { luhn } from './stages/luhn.ts';
import { match } from './stages/match.ts';
import { metrics } from './stages/metrics.ts';
import { multiline } from './stages/multiline.ts';
import { output } from './stages/output.ts';
import { pack } from './stages/pack.ts';
import { pattern } from './stages/pattern.ts';
import { regex } from './stages/regex.ts';
import { replace } from './stages/replace.ts';
import { sampling } from './stages/sampling.ts';
import { splitJson } from './stages/split_json.ts';
import { staticLabels } from './stages/static_labels.ts';
import { structuredMetadata } from './stages/structured_metadata.ts';
import { structuredMetadataDrop } from './stages/structured_metadata_drop.ts';
import { template } from './stages/template.ts';
import { tenant } from './stages/tenant.ts';
import { timestamp } from './stages/timestamp.ts';
import { truncate } from './stages/truncate.ts';
import { windowsevent } from './stages/windowsevent.ts';

/** Every stage by the name of its block. */
export const stages: Readonly<Record<string, StageSpec>> = {
  'stage.cri': cri,
  'stage.decolorize': decolorize,
  'stage.docker': docker,
  'stage.drop': drop,
  'stage.eventlogmessage': eventlogmessage,
  'stage.geoip': geoip,
  'stage.json': json,
  'stage.label_drop': labelDrop,
  'stage.label_keep': labelKeep,
  'stage.labels': labels,
  'stage.limit': limit,
  'stage.logfmt': logfmt,
  'stage.luhn': luhn,
  'stage.match': match(() => stages),
  'stage.metrics': metrics,
  'stage.multiline': multiline,
  'stage.output': output,
  'stage.pack': pack,
  'stage.pattern': pattern,
  'stage.regex': regex,
  'stage.replace': replace,
  'stage.sampling': sampling,
  'stage.split_json': splitJson,
  'stage.static_labels': staticLabels,
  'stage.structured_metadata': structuredMetadata,
  'stage.structured_metadata_drop': structuredMetadataDrop,
  'stage.template': template,
  'stage.tenant': tenant,
  'stage.timestamp': timestamp,
  'stage.truncate': truncate,
  'stage.windowsevent': windowsevent,
};
