import { any, text } from '../parameter.ts';
import { textOf } from '../print.ts';
import { fixed, type FunctionTable } from '../template-function.ts';
import { int, int64 } from '../value.ts';
import { parseDecimal, toFloat64, toInt64 } from './convert.ts';

export const conversions: FunctionTable = {
  toString: fixed([any], textOf),
  atoi: fixed([text], (s) => int(parseDecimal(s) ?? 0n)),
  int: fixed([any], (value) => int(toInt64(value))),
  int64: fixed([any], (value) => int64(toInt64(value))),
  float64: fixed([any], toFloat64),
  toDecimal: fixed([any], (value) => int64(parseDecimal(textOf(value), 8) ?? 0n)),
};
