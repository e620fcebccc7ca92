import { ParseError } from '../../base/parse-error.ts';
import { headerProblem } from '../../net/http-client-fields.ts';
import { headerText, type HttpHeaders } from '../../net/http-message.ts';
import { attribute, map } from '../../schema/attributes.ts';
import type { Attribute } from '../../schema/field.ts';
import { parsedType, secretType } from '../../schema/types.ts';
import type { Secret } from '../../syntax/secret.ts';
import type { AuthHeaders } from './auth-handler.ts';

const urlOrNone = parsedType<URL | undefined>({
  name: 'string',
  format: 'uri',
  parse(text) {
    if (text === '') return undefined;
    const url = URL.parse(text);
    if (url === null) return new ParseError(`${JSON.stringify(text)} is not an absolute URL`);
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      return new ParseError(`unsupported scheme "${url.protocol.slice(0, -1)}", use http or https`);
    return url;
  },
  encode(url) {
    const shown = url === undefined ? undefined : new URL(url);
    if (shown !== undefined && shown.password !== '') shown.password = 'xxxxx';
    return shown?.href ?? '';
  },
});

/** A URL, or empty for none. A password in it is not shown. */
export function urlOrEmpty(doc: string): Attribute<URL | undefined> {
  return attribute(doc, urlOrNone);
}

/** `headers` of clients. They often hold keys, so that they are never shown. */
export function clientHeaders(doc: string): Attribute<ReadonlyMap<string, Secret>> {
  return map(doc, secretType)
    .default(new Map())
    .check((headers) => {
      const problems = [...headers].map(([name, value]) => headerProblem(name, headerText(value.reveal())));
      return problems.find((problem) => problem !== undefined);
    });
}

/** Such headers as they are sent. */
export function headersToSend(headers: ReadonlyMap<string, Secret>): HttpHeaders {
  const entries = [...headers].map(([name, value]) => [name.toLowerCase(), headerText(value.reveal())] as const);
  return Object.fromEntries(entries);
}

/** Headers with others in their place; those that are undefined are taken away. */
export function withHeaders(headers: HttpHeaders, others: AuthHeaders = {}): HttpHeaders {
  const all = Object.entries({ ...headers, ...others });
  return Object.fromEntries(all.filter((entry): entry is [string, string | string[]] => entry[1] !== undefined));
}
