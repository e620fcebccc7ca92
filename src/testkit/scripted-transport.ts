import type { SendFailure, SendResult, Transport } from '../components/otelcol/sending-queue/transport.ts';
import type { OtlpBatch } from '../model/otlp-batch.ts';
import { spanNames } from './otlp-collector.ts';
import { until } from './until.ts';

/** What becomes of an attempt: it waits until it is let go, or has a result. */
type Script = 'deliver' | 'wait' | SendFailure;

/** A failure that is worth another attempt, or with other properties. */
export function sendFailure(properties: Partial<SendFailure> = {}): SendFailure {
  return {
    isDelivered: false,
    isRetryable: true,
    retryAfter: undefined,
    message: 'it fails',
    type: '_OTHER',
    ...properties,
  };
}

/** A transport that does what it is told. */
export class ScriptedTransport implements Transport {
  /** What becomes of attempts from now on. */
  script: Script = 'deliver';
  /** The batches that were sent, one for each attempt. */
  readonly attempts: OtlpBatch[] = [];
  readonly delivered: OtlpBatch[] = [];
  underWay = 0;
  mostUnderWay = 0;
  isClosed = false;
  #gate = Promise.withResolvers<void>();

  whereFor(): readonly string[] {
    return ['test', '1'];
  }

  /** The spans that were delivered. */
  get spans(): string[] {
    return this.delivered.flatMap(({ chunks }) => spanNames(Buffer.concat(chunks)));
  }

  async send(batch: OtlpBatch, signal: AbortSignal): Promise<SendResult> {
    this.attempts.push(batch);
    const { script } = this;
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    if (script === 'wait') {
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await Promise.race([this.#gate.promise, aborted]);
    } else await Promise.resolve();
    this.underWay--;
    if (signal.aborted) return sendFailure({ message: 'it was given up', type: 'Canceled' });
    if (typeof script === 'object') return script;
    this.delivered.push(batch);
    return { isDelivered: true, rejected: 0, message: '' };
  }

  /** Lets go those that wait. */
  letGo(): void {
    this.#gate.resolve();
    this.#gate = Promise.withResolvers();
  }

  /** Waits for so many attempts. */
  async tried(attempts: number): Promise<void> {
    await until(() => this.attempts.length >= attempts);
  }

  close(): void {
    this.isClosed = true;
  }
}
