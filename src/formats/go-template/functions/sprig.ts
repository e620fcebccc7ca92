import type { FunctionTable } from '../template-function.ts';
import { ciphers } from './ciphers.ts';
import { conversions } from './conversions.ts';
import { dates } from './dates.ts';
import { defaults } from './defaults.ts';
import { dicts } from './dicts.ts';
import { encodings } from './encodings.ts';
import { environment } from './environment.ts';
import { hashes } from './hashes.ts';
import { json } from './json.ts';
import { lists } from './lists.ts';
import { numbers } from './numbers.ts';
import { paths } from './paths.ts';
import { random } from './random.ts';
import { regexps } from './regexps.ts';
import { semver } from './semver.ts';
import { strings } from './strings.ts';
import { urls } from './urls.ts';
import { words } from './words.ts';

/**
 * The functions that templates have in Helm, Alloy and others under the name of sprig. Missing are those that make keys
 * and certificates, hash passwords or ask the network, which take far too long for what runs on every log line.
 */
export const sprig: FunctionTable = {
  ...ciphers,
  ...conversions,
  ...dates,
  ...defaults,
  ...dicts,
  ...encodings,
  ...environment,
  ...hashes,
  ...json,
  ...lists,
  ...numbers,
  ...paths,
  ...random,
  ...regexps,
  ...semver,
  ...strings,
  ...urls,
  ...words,
};
