import type { IncomingHttpHeaders } from 'node:http';
import type { HttpAnswer } from '../../../net/http-answer.ts';
import type { HttpArgs } from './fields.ts';

type CorsArgs = NonNullable<HttpArgs['cors']>;

/** What pages may send without a word in the configuration. */
const usualHeaders = ['accept', 'content-type', 'x-requested-with'];
const methods = new Set(['GET', 'HEAD', 'POST']);

/** Says to browsers which pages may send, by the rules of the Fetch standard. */
export class Cors {
  readonly #args: CorsArgs;
  readonly #origins: readonly RegExp[];
  readonly #headers: ReadonlySet<string>;

  constructor(args: CorsArgs) {
    this.#args = args;
    this.#origins = args.allowed_origins.map(originPattern);
    const given = args.allowed_headers.map((name) => name.toLowerCase());
    this.#headers = new Set(given.length === 0 ? usualHeaders : [...given, 'origin']);
  }

  /** The answer to a question whether a request may be sent. */
  preflight(headers: IncomingHttpHeaders): HttpAnswer {
    const vary = { vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers' };
    const origin = this.#allowed(headers);
    const method = headers['access-control-request-method'] ?? '';
    const asked = headers['access-control-request-headers'] ?? '';
    const names = asked.split(',').flatMap((name) => name.trim().toLowerCase() || []);
    const isHeaderKnown = this.#headers.has('*') || names.every((name) => this.#headers.has(name));
    if (origin === undefined || !methods.has(method) || !isHeaderKnown) return { status: 204, headers: vary };
    const { max_age: age } = this.#args;
    return {
      status: 204,
      headers: {
        ...vary,
        'access-control-allow-origin': origin,
        'access-control-allow-methods': method,
        ...(names.length === 0 ? {} : { 'access-control-allow-headers': names.join(', ') }),
        'access-control-allow-credentials': 'true',
        ...(age > 0 ? { 'access-control-max-age': String(age) } : {}),
      },
    };
  }

  /** What goes with the answer to a request itself. */
  headersFor(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
    const origin = this.#allowed(headers);
    if (origin === undefined) return { vary: 'Origin' };
    const { exposed_headers: exposed } = this.#args;
    return {
      vary: 'Origin',
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      ...(exposed.length === 0 ? {} : { 'access-control-expose-headers': exposed.join(', ') }),
    };
  }

  #allowed({ origin }: IncomingHttpHeaders): string | undefined {
    if (origin === undefined) return undefined;
    if (this.#args.allowed_origins.includes('*')) return '*';
    return this.#origins.some((pattern) => pattern.test(origin)) ? origin : undefined;
  }
}

/** An origin in which `*` stands for any text. */
function originPattern(origin: string): RegExp {
  const parts = origin.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'i');
}
