/** `full`: wait for room; `storage`: the disk does not take it for now; `closed`: no more come in. */
export type RefusalReason = 'full' | 'storage' | 'closed';

/** A record was not appended to a durable queue. */
export class DurableQueueError extends Error {
  override readonly name = 'DurableQueueError';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}
