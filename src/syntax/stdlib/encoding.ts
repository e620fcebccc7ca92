import { isUtf8 } from 'node:buffer';
import { latin1 } from '../../base/bytes.ts';
import { ParseError } from '../../base/parse-error.ts';
import { parseYaml } from '../../base/yaml.ts';
import { Mismatch } from '../convert.ts';
import type { FunctionValue } from '../function-value.ts';
import { fromJson } from '../value.ts';
import { defineFunction } from './define-function.ts';
import { parseJson, toJson } from './json.ts';
import { any, text } from './parameters.ts';

const decodeJson = defineFunction({
  name: 'encoding.from_json',
  doc:
    'Reads a JSON text. Numbers become floats, and integers where a float would not hold them exactly. ' +
    'Fails if the text is not valid JSON.',
  parameters: [text('json')],
  call: (json) => parseJson(json, 'large'),
});

const decodeYaml = defineFunction({
  name: 'encoding.from_yaml',
  doc: 'Reads the first document of a YAML 1.2 text; timestamps stay strings. Fails if the text is not valid YAML.',
  parameters: [text('yaml')],
  call(yaml) {
    const data = parseYaml(yaml);
    return data instanceof ParseError ? new Mismatch(`invalid YAML: ${data.message}`) : fromJson(data);
  },
});

const encodeJson = defineFunction({
  name: 'encoding.to_json',
  doc:
    'Writes a value as JSON, with sorted object keys. The result is secret if a part of the value is. ' +
    'Fails on functions, receivers and numbers that JSON cannot express.',
  parameters: [any('value')],
  secrets: 'convertible',
  call: toJson,
});

const decodeBase64 = defineFunction({
  name: 'encoding.from_base64',
  doc: 'Decodes standard Base64 with padding. Fails if the text is not valid Base64 or does not decode to UTF-8.',
  parameters: [text('base64')],
  call: (encoded) => fromBase64(encoded, /[^A-Za-z0-9+/]/),
});

const decodeUrlBase64 = defineFunction({
  name: 'encoding.from_URLbase64',
  doc:
    'Decodes Base64 with padding in the alphabet for URLs and file names. ' +
    'Fails if the text is not valid Base64 or does not decode to UTF-8.',
  parameters: [text('base64')],
  call: (encoded) => fromBase64(encoded, /[^A-Za-z0-9_-]/),
});

function fromBase64(encoded: string, illegal: RegExp): string | Mismatch {
  // Line breaks are ignored, as in Go.
  const compact = encoded.replaceAll(/[\r\n]/g, '');
  const data = compact.replace(/={1,2}$/, '');
  const problem = data.search(illegal);
  if (problem >= 0) return new Mismatch(`illegal base64 data at character ${problem + 1}`);
  if (compact.length % 4 !== 0) return new Mismatch('illegal base64 data: wrong padding');
  return decoded(Buffer.from(data, 'base64'));
}

/** Strings of the language hold text only, unlike those of Go. */
function decoded(bytes: Buffer): string | Mismatch {
  return isUtf8(bytes) ? bytes.toString() : new Mismatch('the decoded bytes are not valid UTF-8 text');
}

const encodeBase64 = defineFunction({
  name: 'encoding.to_base64',
  doc: 'Encodes a string as standard Base64 with padding.',
  parameters: [text('text')],
  call: (plain) => Buffer.from(plain).toString('base64'),
});

const encodeUrlBase64 = defineFunction({
  name: 'encoding.to_URLbase64',
  doc: 'Encodes a string as Base64 with padding in the alphabet for URLs and file names.',
  parameters: [text('text')],
  call: (plain) => Buffer.from(plain).toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
});

const encodeUrl = defineFunction({
  name: 'encoding.url_encode',
  doc: 'Escapes a string for the query of a URL; a space becomes `+`.',
  parameters: [text('text')],
  call: (plain) =>
    encodeURIComponent(plain.toWellFormed())
      .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', '+'),
});

const decodeUrl = defineFunction({
  name: 'encoding.url_decode',
  doc:
    'Undoes the escapes in the query of a URL; `+` becomes a space. ' +
    'Fails on a `%` without two hexadecimal digits and if the result is not UTF-8.',
  parameters: [text('text')],
  call(escaped) {
    const illegal = /%(?![0-9A-Fa-f]{2}).{0,2}/su.exec(escaped);
    if (illegal !== null) return new Mismatch(`invalid URL escape ${JSON.stringify(illegal[0])}`);
    const bytes = Buffer.from(escaped.replaceAll('+', ' '));
    let length = 0;
    for (let at = 0; at < bytes.length; at++, length++) {
      const isEscape = bytes[at] === 0x25;
      bytes[length] = isEscape ? Number.parseInt(latin1(bytes, at + 1, at + 3), 16) : (bytes[at] ?? 0);
      if (isEscape) at += 2;
    }
    return decoded(bytes.subarray(0, length));
  },
});

export const encodingFunctions: readonly FunctionValue[] = [
  decodeJson,
  decodeYaml,
  encodeJson,
  decodeBase64,
  decodeUrlBase64,
  encodeBase64,
  encodeUrlBase64,
  encodeUrl,
  decodeUrl,
];
