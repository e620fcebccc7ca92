import type { FunctionValue } from '../function-value.ts';
import { defineFunction } from './define-function.ts';
import { text } from './parameters.ts';

export function sysFunctions(variable: (name: string) => string | undefined): readonly FunctionValue[] {
  const env = defineFunction({
    name: 'sys.env',
    doc: 'Returns the value of an environment variable at the time of the evaluation, or an empty string if it is not set.',
    parameters: [text('name')],
    call: (name) => variable(name) ?? '',
  });
  return [env];
}
