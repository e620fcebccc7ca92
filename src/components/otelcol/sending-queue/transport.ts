import type { Milliseconds } from '../../../base/duration.ts';
import type { OtlpBatch, OtlpKind } from '../../../model/otlp-batch.ts';

/** Sends requests to one server. It is closed by its owner, when nothing is sent through it any more. */
export interface Transport {
  /** The values of the labels that tell where requests of a kind go, as metrics have them; undefined if nowhere. */
  whereFor(kind: OtlpKind): readonly string[] | undefined;
  /** Begins to connect, if that is done before something is sent. */
  connect?(): void;
  /** One attempt. Never rejects; an aborted signal ends it early. */
  send(batch: OtlpBatch, signal: AbortSignal): Promise<SendResult>;
  close(): void;
}

/** What became of an attempt. */
export type SendResult = Delivered | SendFailure;

/** The server has taken a request. */
export interface Delivered {
  readonly isDelivered: true;
  /** How many of its items the server has rejected all the same, for good. */
  readonly rejected: number;
  /** What the server says about that, or else; usually empty. */
  readonly message: string;
}

/** Why a request was not delivered. */
export interface SendFailure {
  readonly isDelivered: false;
  readonly isRetryable: boolean;
  /** How long the server asks to wait. */
  readonly retryAfter: Milliseconds | undefined;
  /** For people; without secrets. */
  readonly message: string;
  /** As the label `error_type` has it: the name of a code of gRPC, `Deadline_Exceeded`, `Canceled`, or `_OTHER`. */
  readonly type: string;
}
