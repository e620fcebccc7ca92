import type { IncomingHttpHeaders } from 'node:http';
import type { CloudContext } from '../net/cloud/cloud-credentials.ts';
import { httpClientFields } from '../net/http-client-fields.ts';
import { httpClient, type HttpClient } from '../net/http-client.ts';
import { argumentsFrom } from './arguments.ts';
import { bodyOf, serve, type TestServer } from './test-server.ts';

/** A request for a token, with the URL that it was meant for. */
export interface TokenServerRequest {
  readonly method: string;
  readonly url: URL;
  /** Whether it was sent as those to services of the machine are. */
  readonly isLocal: boolean;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The fields of a form. */
  readonly form: Readonly<Record<string, string>>;
}

/** How a request is answered: a text or an object as JSON with 200, or another status and an object. */
export type TokenServerAnswer = string | object | readonly [status: number, body: object];

/** One server that stands for all that give out tokens of clouds. Close it with `await using`. */
export class TokenServers implements AsyncDisposable {
  readonly requests: TokenServerRequest[] = [];
  readonly #server: TestServer;
  readonly #client: HttpClient;

  private constructor(server: TestServer) {
    this.#server = server;
    this.#client = httpClient(argumentsFrom(httpClientFields, ''), { userAgent: 'Test/1', variables: {} });
  }

  /** Starts the server, which answers as it is told. */
  static async start(answer: (request: TokenServerRequest) => TokenServerAnswer): Promise<TokenServers> {
    const server = await serve((incoming, response) => {
      void bodyOf(incoming).then((body) => {
        const { method = '', headers } = incoming;
        const [way = '', url = ''] = String(headers['x-meant']).split(' ');
        const form = Object.fromEntries(new URLSearchParams(body.toString()));
        const request = { method, url: new URL(url), isLocal: way === 'local', headers, body, form };
        all.requests.push(request);
        const answered = answer(request);
        const [status, content] = Array.isArray(answered) ? (answered as [number, object]) : [200, answered];
        response.writeHead(status).end(typeof content === 'string' ? content : JSON.stringify(content));
      });
    });
    const all = new TokenServers(server);
    return all;
  }

  /** What credentials of clouds are got with, so that they are got from here. */
  context(variables: Readonly<Record<string, string>> = {}): CloudContext {
    return { client: this.#clientTo('network'), localClient: this.#clientTo('local'), variables };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.#server[Symbol.asyncDispose]();
  }

  #clientTo(way: string): HttpClient {
    return {
      close: () => undefined,
      request: (request) => {
        const { url, headers } = request;
        // What was signed is to arrive as it was.
        const meant = { ...headers, 'x-meant': `${way} ${url.href}` };
        return this.#client.request({ ...request, url: this.#server.url, headers: meant });
      },
    };
  }
}
