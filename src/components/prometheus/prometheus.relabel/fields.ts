import { metrics } from '../../../model/signal.ts';
import { duration, integer } from '../../../schema/attributes.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { output } from '../../../schema/receiver.ts';
import { ruleBlocks } from '../../../schema/relabel-rules.ts';
import type { ResultLimits } from './relabelled-series.ts';

export type RelabelArguments = ArgumentsOf<typeof relabelFields>;

const minute = 60_000;

export const relabelFields = {
  forward_to: output('Where relabelled samples go.', metrics),
  max_cache_size: integer(`
For how many series the result is remembered. With more, the rules run each time for those that have no room; results that
were not used for five minutes make room. Without it there is room for all series. 0 if there is a \`cache_ttl\`.`).optional(),
  cache_ttl: duration(`
How long a result is remembered that is not used. At least 1m, and only with a \`max_cache_size\` of 0.`).default(0),
  rule: ruleBlocks,
};

/** What is wrong with the arguments together. */
export function checkRelabel({ max_cache_size: size, cache_ttl: ttl }: RelabelArguments): string | undefined {
  if (size !== undefined && size < 0) return 'max_cache_size must not be negative';
  if (ttl < 0) return 'cache_ttl must not be negative';
  if (size === 0 && ttl === 0) return 'one of max_cache_size and cache_ttl must be greater than 0';
  if (size !== 0 && ttl > 0) return 'cache_ttl needs max_cache_size = 0';
  return ttl > 0 && ttl < minute ? 'cache_ttl must be at least 1m' : undefined;
}

export function resultLimits({ max_cache_size: size, cache_ttl: ttl }: RelabelArguments): ResultLimits {
  return { maxSize: size === 0 ? Infinity : (size ?? Infinity), ttlSeconds: ttl > 0 ? ttl / 1000 : Infinity };
}
