import { DeliveryError, offer, type Consumer } from './delivery.ts';

/**
 * Gives each batch to all consumers at once and waits for all of them. It refuses what one of them refuses, and says it
 * is worth a retry if one of them says so; the others may then get the batch twice. Without consumers, everything is
 * accepted and gone, as in Alloy.
 */
export function fanout<B>(consumers: readonly Consumer<B>[]): Consumer<B> {
  const [only] = consumers;
  if (only !== undefined && consumers.length === 1) return only;
  return {
    consume(batch, delivery) {
      const waits = consumers.map((consumer) => offer(consumer, batch, delivery)).filter((wait) => wait !== undefined);
      if (waits.length > 0) return all(waits);
      return undefined;
    },
  };
}

async function all(waits: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(waits);
  const errors = results
    .filter((result) => result.status === 'rejected')
    .map((result) => DeliveryError.from(result.reason));
  const error = errors.find((candidate) => candidate.isRetryable) ?? errors[0];
  if (error !== undefined) throw error;
}
