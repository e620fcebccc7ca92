import { readFileSync } from 'node:fs';

/** The version in the package, which is at the same distance from the sources and from what is built of them. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
