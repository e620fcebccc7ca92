import { randomInt } from 'node:crypto';
import { any, float, integer } from '../parameter.ts';
import { textOf } from '../print.ts';
import { fixed, variadic, type FunctionTable } from '../template-function.ts';
import { int, int64, type Integer, List, type Value } from '../value.ts';
import { refuse, spend, unit } from '../work.ts';
import { toFloat64, toInt64 } from './convert.ts';
import { decimalOf, type Decimal, plus, minus, times, dividedBy, toNumber } from './decimal.ts';

const biggest = variadic([any], any, (first, ...others) => int64(extreme(first, others, (a, b) => a > b)));

export const numbers: FunctionTable = {
  add: variadic([], any, (...values) => int64(values.reduce<bigint>((sum, value) => sum + toInt64(value), 0n))),
  add1: fixed([any], (value) => int64(toInt64(value) + 1n)),
  sub: fixed([any, any], (a, b) => int64(toInt64(a) - toInt64(b))),
  mul: variadic([any], any, (first, ...others) => {
    return int64(
      others.reduce<bigint>((product, value) => BigInt.asIntN(64, product * toInt64(value)), toInt64(first)),
    );
  }),
  div: fixed([any, any], (a, b) => int64(toInt64(a) / divisor(b))),
  mod: fixed([any, any], (a, b) => int64(toInt64(a) % divisor(b))),
  max: biggest,
  biggest,
  min: variadic([any], any, (first, ...others) => int64(extreme(first, others, (a, b) => a < b))),

  addf: variadic([], any, (...values) => calculated(0, values, plus)),
  add1f: fixed([any], (value) => calculated(value, [1], plus)),
  subf: variadic([any], any, (first, ...others) => calculated(first, others, minus)),
  mulf: variadic([any], any, (first, ...others) => calculated(first, others, times)),
  divf: variadic([any], any, (first, ...others) => calculated(first, others, dividedBy)),
  maxf: variadic([any], any, (first, ...others) => Math.max(toFloat64(first), ...others.map(toFloat64))),
  minf: variadic([any], any, (first, ...others) => Math.min(toFloat64(first), ...others.map(toFloat64))),

  ceil: fixed([any], (value) => Math.ceil(toFloat64(value))),
  floor: fixed([any], (value) => Math.floor(toFloat64(value))),
  round: variadic([any, integer], float, (value, places, threshold = 0.5) => {
    return rounded(toFloat64(value), Number(places.value), threshold);
  }),

  until: fixed([integer], (count) => steps(0n, count.value, count.value < 0n ? -1n : 1n)),
  untilStep: fixed([integer, integer, integer], (start, stop, step) => steps(start.value, stop.value, step.value)),
  seq: variadic([], integer, (...params) => sequence(params)),
  randInt: fixed([integer, integer], (min, max) => {
    const range = max.value - min.value;
    if (range <= 0n) refuse('invalid argument to Intn');
    const limited = range < 2n ** 48n ? Number(range) : 2 ** 48 - 1;
    return int(min.value + BigInt(randomInt(limited)));
  }),
};

function divisor(value: Value): bigint {
  const integerValue = toInt64(value);
  return integerValue === 0n ? refuse('runtime error: integer divide by zero') : integerValue;
}

function extreme(first: Value, others: readonly Value[], isMore: (a: bigint, b: bigint) => boolean): bigint {
  let best = toInt64(first);
  for (const other of others) {
    const value = toInt64(other);
    if (isMore(value, best)) best = value;
  }
  return best;
}

/** Calculates with decimals, so that 0.1 and 0.2 make 0.3. */
function calculated(first: Value, others: readonly Value[], operate: (a: Decimal, b: Decimal) => Decimal): number {
  let result = decimalOf(toFloat64(first));
  for (const other of others) result = operate(result, decimalOf(toFloat64(other)));
  return toNumber(result);
}

/** The fraction from which on a number is rounded up is given. */
function rounded(value: number, places: number, threshold: number): number {
  const power = 10 ** places;
  const scaled = power * value;
  return (scaled - Math.trunc(scaled) >= threshold ? Math.ceil(scaled) : Math.floor(scaled)) / power;
}

function steps(start: bigint, stop: bigint, step: bigint): List {
  const items: Integer[] = [];
  const isUp = stop >= start;
  if (isUp ? step <= 0n : step >= 0n) return new List(items, 'int');
  spend(unit * Number((stop - start) / step));
  for (let value = start; isUp ? value < stop : value > stop; value += step) items.push(int(value));
  return new List(items, 'int');
}

function sequence(params: readonly Integer[]): string {
  const [first = 0n, second = 0n, third = 0n] = params.map(({ value }) => value);
  switch (params.length) {
    case 1:
      return stepsText(1n, first < 1n ? -1n : 1n, first);
    case 2:
      return stepsText(first, second < first ? -1n : 1n, second);
    case 3:
      return third < first && second > 0n ? '' : stepsText(first, second, third);
    default:
      return '';
  }
}

/** The steps up to the end, which counts. */
function stepsText(start: bigint, step: bigint, end: bigint): string {
  return steps(start, end + (end < start ? -1n : 1n), step)
    .items.map(textOf)
    .join(' ');
}
