import { compress, maxCompressedSize } from '../src/formats/snappy/compress.ts';
import { encodeLabels } from '../src/model/label-set-builder.ts';
import { Labels } from '../src/model/labels.ts';
import { TargetExposition } from './metric-exposition.ts';

/*
 * The least that anything must do that scrapes and sends on: find the lines of what is exposed, and compress what is sent.
 * Both are made before; the requests are as large as the usual ones. Prints samples and CPU seconds for targets of as many
 * series as the argument says.
 */
const series = Number(process.argv[2] ?? 1000);
const seriesPerRequest = 2000;
const rounds = 150;
const pattern = /^(\w+)\{(.*)\} (\S+)$/gm;

const expositions = Array.from({ length: 20 }, (_, target) => new TargetExposition(target, series, 0).body);
const messages = expositions.flatMap((body, target) =>
  Array.from(body.toString().matchAll(pattern), ([, name = '', pairs = '', value = '']) => {
    const labels = Array.from(pairs.matchAll(/(\w+)="([^"]*)"/g), ([, key = '', text = '']) => [key, text] as const);
    const added = [['instance', `target-${target}`] as const, ['job', 'bench'] as const];
    return timeSeries(encodeLabels(Labels.from([['__name__', name], ...labels, ...added])), Number(value));
  }),
);
const requests: Buffer[] = [];
for (let at = 0; at < messages.length; at += seriesPerRequest)
  requests.push(Buffer.concat(messages.slice(at, at + seriesPerRequest)));
const output = Buffer.allocUnsafeSlow(maxCompressedSize(Math.max(...requests.map(({ length }) => length))));

const before = process.cpuUsage();
let lines = 0;
for (let round = 0; round < rounds; round++) {
  for (const body of expositions) for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) lines++;
  for (const request of requests) compress(request, 0, request.length, output, 0);
}
const { user, system } = process.cpuUsage(before);
process.send?.({ lines, samples: messages.length * rounds, cpuSeconds: (user + system) / 1e6 });
process.disconnect?.();

/** A time series of a request with one sample: the labels as they are, the value, and a time, which has six bytes. */
function timeSeries(labels: Buffer, value: number): Buffer {
  const sample = Buffer.from('121009000000000000000010c0f0c6c69a33', 'hex');
  sample.writeDoubleLE(value, 3);
  const size = labels.length + sample.length;
  return Buffer.concat([Buffer.from([0x0a, (size & 0x7f) | 0x80, size >> 7]), labels, sample]);
}
