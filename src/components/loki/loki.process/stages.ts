import type { StageSpec } from './stage.ts';
import { cri } from './stages/cri.ts';
import { docker } from './stages/docker.ts';
import { drop } from './stages/drop.ts';
import { json } from './stages/json.ts';
import { labelDrop } from './stages/label_drop.ts';
import { labels } from './stages/labels.ts';
import { logfmt } from './stages/logfmt.ts';
import { match } from './stages/match.ts';
import { output } from './stages/output.ts';
import { regex } from './stages/regex.ts';
import { staticLabels } from './stages/static_labels.ts';
import { structuredMetadata } from './stages/structured_metadata.ts';
import { timestamp } from './stages/timestamp.ts';

/** Every stage by the name of its block. */
export const stages: Readonly<Record<string, StageSpec>> = {
  'stage.cri': cri,
  'stage.docker': docker,
  'stage.drop': drop,
  'stage.json': json,
  'stage.label_drop': labelDrop,
  'stage.labels': labels,
  'stage.logfmt': logfmt,
  'stage.match': match(() => stages),
  'stage.output': output,
  'stage.regex': regex,
  'stage.static_labels': staticLabels,
  'stage.structured_metadata': structuredMetadata,
  'stage.timestamp': timestamp,
};
