import path from 'node:path';
import { text } from '../parameter.ts';
import { fixed, type FunctionTable } from '../template-function.ts';

const base = fixed([text], baseOf);
const dir = fixed([text], (s) => clean(s.slice(0, s.lastIndexOf('/') + 1)));
const cleanPath = fixed([text], clean);
const ext = fixed([text], (s) => /\.[^./]*$/.exec(s.slice(s.lastIndexOf('/') + 1))?.[0] ?? '');
const isAbs = fixed([text], (s) => s.startsWith('/'));

/** Paths with slashes; those of the system are the same. */
export const paths: FunctionTable = {
  base,
  osBase: base,
  dir,
  osDir: dir,
  clean: cleanPath,
  osClean: cleanPath,
  ext,
  osExt: ext,
  isAbs,
  osIsAbs: isAbs,
};

function clean(s: string): string {
  const normal = path.posix.normalize(s);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function baseOf(s: string): string {
  if (s === '') return '.';
  let end = s.length;
  while (end > 0 && s[end - 1] === '/') end--;
  return end === 0 ? '/' : s.slice(s.lastIndexOf('/', end - 1) + 1, end);
}
