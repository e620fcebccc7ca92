import { once } from 'node:events';
import http from 'node:http';
import { otelcolReceiverOtlp } from '../components/otelcol/otelcol.receiver.otlp.ts';
import type { Consumer } from '../flow/delivery.ts';
import { otlp } from '../formats/otlp/otlp-signal.ts';
import type { OtlpBatch } from '../model/otlp-batch.ts';
import { receiverFor, type Names } from './arguments.ts';
import { collect } from './collect.ts';
import { runComponent } from './run-component.ts';
import { until } from './until.ts';

export interface OtlpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Options {
  /** What stands in the `http` block besides the endpoint; without it there is no such block. */
  readonly http?: string;
  /** The same for the `grpc` block. */
  readonly grpc?: string;
  /** Where all kinds go, if not to what collects them. */
  readonly to?: Consumer<OtlpBatch>;
  /** The `output` block. */
  readonly output?: string;
  readonly names?: Names;
}

/** Runs `otelcol.receiver.otlp` on free ports. */
export async function startOtlpReceiver({ http: httpText, grpc: grpcText, to, output, names }: Options) {
  const out = collect(otlp);
  const server = (name: string, text: string | undefined): string =>
    text === undefined ? '' : `${name} {\nendpoint = "127.0.0.1:0"\n${text}\n}\n`;
  const outputs = output ?? 'traces = [out]\nmetrics = [out]\nlogs = [out]';
  const config = `${server('grpc', grpcText)}${server('http', httpText)}output {\n${outputs}\n}`;
  const component = await runComponent(otelcolReceiverOtlp, config, {
    names: { out: receiverFor(otlp, to ?? out), ...names },
  });
  const addresses = (): string[] =>
    component.logged
      .filter(({ message }) => message === 'server listening')
      .map(({ fields }) => String(fields['address']));
  await until(() => addresses().length === [httpText, grpcText].filter((text) => text !== undefined).length);
  return {
    component,
    out,
    /** The address of the only server. */
    address: addresses()[0] ?? '',
    post: (path: string, body: Buffer | string, headers: http.OutgoingHttpHeaders = {}, method = 'POST') =>
      request(`http://${addresses()[0]}${path}`, method, body, headers),
    [Symbol.asyncDispose]: () => component[Symbol.asyncDispose](),
  };
}

async function request(
  url: string,
  method: string,
  body: Buffer | string,
  headers: http.OutgoingHttpHeaders,
): Promise<OtlpAnswer> {
  const outgoing = http.request(url, { method, headers: { 'content-type': 'application/x-protobuf', ...headers } });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}
