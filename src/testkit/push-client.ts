import { runComponent, type LoggedLine, type RunOptions } from './run-component.ts';
import { lokiSourceApi } from '../components/loki/loki.source.api.ts';
import { until } from './until.ts';
import { referenceSnappy, writePushRequest, type PushedStream } from './push-reference.ts';

/** Runs `loki.source.api` on a free port; `text` stands beside its `http` block and `forward_to`. */
export async function startPushApi(text = '', options: RunOptions & { http?: string; forwardTo?: string } = {}) {
  const { http = '', forwardTo = '[out]', ...rest } = options;
  const config = (more: string, inHttp = http): string => `
    http {
      listen_address = "127.0.0.1"
      listen_port    = 0
      ${inHttp}
    }
    forward_to = ${forwardTo}
    ${more}`;
  const component = await runComponent(lokiSourceApi, config(text), rest);
  await until(() => addressesOf(component).length > 0);
  const url = `${http.includes('tls') ? 'https' : 'http'}://${addressesOf(component)[0]}`;
  return {
    component,
    url,
    config,
    push: (body: Buffer, headers: Readonly<Record<string, string>> = {}, path = '/loki/api/v1/push') =>
      post(url + path, body, { 'content-type': 'application/x-protobuf', ...headers }),
    pushJson: (data: unknown, headers: Readonly<Record<string, string>> = {}, path = '/loki/api/v1/push') =>
      post(url + path, Buffer.from(JSON.stringify(data)), { 'content-type': 'application/json', ...headers }),
    [Symbol.asyncDispose]: () => component[Symbol.asyncDispose](),
  };
}

/** Where the component said that it listens, in the order it did. */
export function addressesOf({ logged }: { readonly logged: readonly LoggedLine[] }): string[] {
  return logged.filter(({ message }) => message === 'server listening').map(({ fields }) => String(fields['address']));
}

/** The body of a push request in protobuf. */
export function pushBody(...streams: readonly PushedStream[]): Buffer {
  return Buffer.from(referenceSnappy.compress(writePushRequest(streams)));
}

/** A stream of lines, one second apart. */
export function streamOf(labels: string, ...lines: readonly string[]): PushedStream {
  const entries = lines.map((line, index) => ({ timestampNs: String((index + 1) * 1e9), line, metadata: [] }));
  return { labels, entries };
}

export interface PushAnswer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
}

async function post(url: string, body: Buffer, headers: Readonly<Record<string, string>>): Promise<PushAnswer> {
  const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
  const response = await fetch(url, { method: 'POST', body: new Uint8Array(body), headers: sent });
  return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') };
}
