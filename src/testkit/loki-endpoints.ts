import { runComponent } from './run-component.ts';
import { lokiWrite } from '../components/loki/loki.write.ts';
import type { TestEntry } from './log-entries.ts';
import type { LokiReceiver } from './loki-receiver.ts';
import { until } from './until.ts';

/** Where a receiver is. */
interface Receiver {
  readonly url: string;
}

/** The text of an endpoint of `loki.write` that sends soon and retries at once, unless it is told otherwise. */
export function endpoint({ url }: Receiver, more = ''): string {
  const defaults = ['batch_wait = "5ms"', 'min_backoff_period = "1ms"', 'max_backoff_period = "2ms"'];
  const kept = defaults.filter((line) => !more.includes(line.split(' ')[0] ?? ''));
  return `endpoint {\n url = "${url}"\n ${kept.join('\n')}\n ${more}\n}\n`;
}

/** Runs a `loki.write` with one endpoint. */
export function runWrite(receiver: Receiver, more = '', top = '', dataDir?: string) {
  return runComponent(lokiWrite, endpoint(receiver, more) + top, dataDir === undefined ? {} : { dataDir });
}

export function hostOf({ url }: Receiver): string {
  return new URL(url).host;
}

/** The sum over the series of a metric of `loki.write` whose labels match. */
export function metric(component: Pick<WriteComponent, 'metrics'>, name: string, labels = /./): number {
  const series = Object.entries(component.metrics()).filter(([key]) => key.startsWith(`loki_write_${name}{`));
  return series.filter(([key]) => labels.test(key)).reduce((sum, [, value]) => sum + value, 0);
}

export type WriteComponent = Awaited<ReturnType<typeof runWrite>>;

/** Holds requests back, and answers them one after the other as it is told. */
export function gate(receiver: LokiReceiver) {
  const waiting: ((status: number) => void)[] = [];
  receiver.answer(() => new Promise((resolve) => waiting.push(resolve)));
  return {
    async answer(status: number): Promise<void> {
      await until(() => waiting.length > 0);
      waiting.shift()?.(status);
    },
    async isHolding(): Promise<void> {
      await until(() => waiting.length > 0);
    },
    /** Answers what waits and all that follows with success. */
    open(): void {
      receiver.answer(204);
      for (const answer of waiting.splice(0)) answer(204);
    },
  };
}

export function labelled(line: string, labels: Readonly<Record<string, string>>): TestEntry {
  return { line, labels };
}

/** The lines that were accepted, in their order. */
export function linesOf({ accepted }: LokiReceiver): string[] {
  return accepted.map(({ line }) => line);
}
