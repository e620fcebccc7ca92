import { readFile } from 'node:fs/promises';
import type { Log } from '../base/log.ts';
import { messageOf } from '../base/message-of.ts';
import { ParseError } from '../base/parse-error.ts';
import { parseYaml, type YamlData } from '../base/yaml.ts';
import type { Position } from './positions-format.ts';

/** The labels of positions that were recorded for a path only. */
export const legacyLabels = '{}';

/**
 * Reads the positions that Promtail or the agent in static mode has recorded. If there are none, or they make no sense,
 * everything is read from the beginning; rejects if there is a file that cannot be read, since that may pass.
 */
export async function readLegacyPositions(file: string, log: Log): Promise<readonly Position[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      log.info('there is no legacy positions file', { file });
      return [];
    }
    const reason = messageOf(error);
    throw new Error(
      `legacy positions file ${JSON.stringify(file)} exists but could not be read, refusing to start to avoid re-ingesting logs: ${reason}`,
      { cause: error },
    );
  }
  const positions = parseLegacyPositions(text);
  if (positions instanceof ParseError) {
    log.error('legacy positions file is malformed, it is left out', { file, error: positions.message });
    return [];
  }
  log.info('took over legacy positions', { file, count: positions.length });
  return positions;
}

/** Reads `positions:` with offsets by path. Anything else is refused. */
export function parseLegacyPositions(text: string): readonly Position[] | ParseError {
  const data = parseYaml(text);
  if (data instanceof ParseError) return data;
  if (data === null) return [];
  if (!isObject(data)) return new ParseError('it is not an object');
  if (Object.keys(data).some((key) => key !== 'positions')) return new ParseError('there is more than "positions"');
  const entries = data['positions'] ?? {};
  if (!isObject(entries)) return new ParseError('"positions" is not an object');
  const positions: Position[] = [];
  for (const [path, value] of Object.entries(entries)) {
    if (typeof value === 'object') return new ParseError(`position of ${JSON.stringify(path)} is not text`);
    positions.push({ path, labels: legacyLabels, value: String(value), identity: '' });
  }
  return positions;
}

function isObject(data: YamlData): data is { readonly [key: string]: YamlData } {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}
