import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { freePort, sleep, startCollector, withFolder } from './collector.ts';
import { MeasuredProcess } from './measured-process.ts';

const spansPerRequest = 500;

/**
 * A backend that is down while spans come at a steady rate, with the queue of the exporter on disk. Arguments: seconds for which
 * it is down, and spans a second.
 */
export async function run([seconds = '60', rate = '10000']: readonly string[]): Promise<void> {
  const [input, backend] = [await freePort(), await freePort()];
  console.log(`the backend is down for ${seconds} s, at ${rate} spans a second`);
  await withFolder(async (folder) => {
    const { process, metric } = await startCollector(
      folder,
      config(input, backend),
      '--stability.level=public-preview',
    );
    const sender = helper('trace-sender.ts', 'grpc', input, spansPerRequest, 'none', rate);
    await sender.message();
    const idle = process.memory();
    const cpuBefore = process.cpuSeconds();
    sender.send({});
    await sleep(Number(seconds) * 1000);
    const cpu = (process.cpuSeconds() - cpuBefore) / Number(seconds);
    const outage = process.memory();
    const queued = await metric('otelcol_exporter_queue_size');
    const onDisk = await sizeOf(path.join(folder, 'data'));
    const receiver = helper('trace-receiver.ts', backend);
    await receiver.message();
    const arrived = async (): Promise<number> => {
      receiver.send({});
      return (await receiver.message<{ spans: number }>()).spans;
    };
    const back = performance.now();
    while ((await metric('otelcol_exporter_queue_size')) > 2) await sleep(100);
    const drained = (performance.now() - back) / 1000;
    sender.send({});
    const { spans: accepted, refused } = await sender.message<{ spans: number; refused: number }>();
    await sender.stop();
    for (let before = -1, now = 0; now > before || now < accepted; now = await arrived()) {
      before = now;
      await sleep(1000);
    }
    const dropped =
      (await metric('otelcol_exporter_enqueue_failed_spans_total')) +
      (await metric('otelcol_exporter_send_failed_spans_total'));
    printRow('accepted', `${accepted} spans, and ${refused} requests refused`);
    printRow('arrived', `${await arrived()} spans`);
    printRow('dropped', `${dropped} spans`);
    printRow(
      'when it came back',
      `${queued} requests and ${megabytes(onDisk)} on disk; empty after ${drained.toFixed(1)} s`,
    );
    printRow('of a core, while down', cpu.toFixed(3));
    printRow(
      'resident',
      `idle ${megabytes(idle.now)}, down ${megabytes(outage.now)}, peak ${megabytes(process.memory().peak)}`,
    );
    await receiver.stop();
    await process.stop();
  });
}

function config(input: number, backend: number): string {
  return `
    otelcol.receiver.otlp "default" {
      grpc { endpoint = "127.0.0.1:${input}" }
      output { traces = [otelcol.processor.batch.default.input] }
    }
    otelcol.processor.batch "default" {
      timeout             = "2s"
      send_batch_size     = 1024
      send_batch_max_size = 2048
      output { traces = [otelcol.exporter.otlp.tempo.input] }
    }
    otelcol.storage.file "queue" { }
    otelcol.exporter.otlp "tempo" {
      client {
        endpoint = "127.0.0.1:${backend}"
        tls { insecure = true }
      }
      sending_queue {
        storage    = otelcol.storage.file.queue.handler
        queue_size = 100000
      }
      retry_on_failure { max_elapsed_time = "0s" }
    }`;
}

function helper(script: string, ...args: readonly (string | number)[]): MeasuredProcess {
  return new MeasuredProcess([path.join(import.meta.dirname, script), ...args.map(String)]);
}

/** Of all files below a folder, in bytes. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(path.join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function printRow(label: string, value: string): void {
  console.log(`  ${label.padEnd(22)} ${value}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
