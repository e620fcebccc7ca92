import { prometheusReceiveHttp } from '../components/prometheus/prometheus.receive_http.ts';
import { addressesOf } from './push-client.ts';
import { writeRequestV1, writeRequestV2, type ProtobufMessage } from './metrics-reference.ts';
import { referenceSnappy } from './push-reference.ts';
import { runComponent, type RunOptions } from './run-component.ts';
import { until } from './until.ts';

export const contentTypeV2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';

export interface WriteAnswerText {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** Runs `prometheus.receive_http` on a free port; `text` stands beside its `http` block and `forward_to`. */
export async function startWriteApi(text: string, options: RunOptions & { http?: string }) {
  const { http = '', ...rest } = options;
  const config = `http {\n listen_address = "127.0.0.1"\n listen_port = 0\n ${http}\n}\nforward_to = [out]\n${text}`;
  const component = await runComponent(prometheusReceiveHttp, config, rest);
  await until(() => addressesOf(component).length > 0);
  const url = `http://${addressesOf(component)[0]}/api/v1/metrics/write`;
  return {
    component,
    url,
    write: (message: ProtobufMessage, headers?: Readonly<Record<string, string>>) => writeV1(url, message, headers),
    writeV2: (message: ProtobufMessage) => postWrite(url, bodyV2(message), { 'content-type': contentTypeV2 }),
    post: (body: Buffer, headers: Readonly<Record<string, string>>) => postWrite(url, body, headers),
    [Symbol.asyncDispose]: () => component[Symbol.asyncDispose](),
  };
}

/** Sends a `prometheus.WriteRequest` that is given as an object. */
export function writeV1(url: string, message: ProtobufMessage, headers: Readonly<Record<string, string>> = {}) {
  return postWrite(url, bodyV1(message), { 'content-type': 'application/x-protobuf', ...headers });
}

export function bodyV1(message: ProtobufMessage): Buffer {
  return Buffer.from(referenceSnappy.compress(writeRequestV1.encode(message)));
}

export function bodyV2(message: ProtobufMessage): Buffer {
  return Buffer.from(referenceSnappy.compress(writeRequestV2.encode(message)));
}

/** A time series of version 1 with samples, as `[value, timestamp]`. */
export function seriesV1(
  labels: Readonly<Record<string, string>>,
  ...samples: readonly (readonly [number, number])[]
): ProtobufMessage {
  return {
    labels: Object.entries(labels).map(([name, value]) => ({ name, value })),
    samples: samples.map(([value, timestamp]) => ({ value, timestamp })),
  };
}

export async function postWrite(
  url: string,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<WriteAnswerText> {
  const response = await fetch(url, { method: 'POST', body: new Uint8Array(body), headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}
