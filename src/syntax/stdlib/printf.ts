import { printf as formatArguments, type PrintfValues } from '../../base/go-printf/printf.ts';
import type { Value } from '../value.ts';
import { formatValue, goType } from './printf-value.ts';

const values: PrintfValues<Value> = {
  format: formatValue,
  typeOf: (value) => (value === null ? undefined : goType(value)),
  integerOf: (value) => (typeof value === 'bigint' ? value : undefined),
};

/** Formats values as `fmt.Sprintf` of Go does. */
export function printf(format: string, args: readonly Value[]): string {
  return formatArguments(format, args, values);
}
