import { env } from 'node:process';
import { text } from '../parameter.ts';
import { fixed, type FunctionTable } from '../template-function.ts';
import { spend } from '../work.ts';

export const environment: FunctionTable = {
  env: fixed([text], variable),
  expandenv: fixed([text], (s) => {
    return s.replaceAll(
      /\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*)|[*#$@!?\-0-9])/g,
      (_match, braced?: string, plain?: string) => {
        const value = variable(braced ?? plain ?? '');
        spend(value.length);
        return value;
      },
    );
  }),
};

function variable(name: string): string {
  return (Object.hasOwn(env, name) ? env[name] : undefined) ?? '';
}
