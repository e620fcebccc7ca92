import type { FunctionValue } from '../function-value.ts';
import { defineFunction } from './define-function.ts';
import { secret } from './parameters.ts';

const nonsensitive = defineFunction({
  name: 'convert.nonsensitive',
  doc: 'Turns a secret into an ordinary string, which is shown wherever it is used. Strings stay as they are.',
  parameters: [secret('value')],
  secrets: 'raw',
  call: (value) => value,
});

export const convertFunctions: readonly FunctionValue[] = [nonsensitive];
