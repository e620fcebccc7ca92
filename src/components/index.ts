import type { ComponentSpec } from '../component/component.ts';
import { discoveryFile } from './discovery/discovery.file.ts';
import { discoveryRelabel } from './discovery/discovery.relabel.ts';
import { localFile } from './local/local.file.ts';
import { localFileMatch } from './local/local.file_match.ts';
import { lokiEcho } from './loki/loki.echo.ts';
import { lokiEnrich } from './loki/loki.enrich.ts';
import { lokiProcess } from './loki/loki.process.ts';
import { lokiRelabel } from './loki/loki.relabel.ts';
import { lokiSourceApi } from './loki/loki.source.api.ts';
import { lokiSourceFile } from './loki/loki.source.file.ts';
import { lokiWrite } from './loki/loki.write.ts';

/** Every built-in component, sorted by name. */
const catalogue: readonly ComponentSpec[] = [
  discoveryFile,
  discoveryRelabel,
  localFile,
  localFileMatch,
  lokiEcho,
  lokiEnrich,
  lokiProcess,
  lokiRelabel,
  lokiSourceApi,
  lokiSourceFile,
  lokiWrite,
];

/** Every built-in component by its name. */
export const components: ReadonlyMap<string, ComponentSpec> = new Map(catalogue.map((spec) => [spec.name, spec]));
