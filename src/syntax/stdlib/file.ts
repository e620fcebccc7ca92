import { join, parse, sep } from 'node:path';
import type { FunctionValue } from '../function-value.ts';
import { defineFunction } from './define-function.ts';
import { text } from './parameters.ts';

const pathJoin = defineFunction({
  name: 'file.path_join',
  doc: 'Joins the parts of a path with the separator of the system and resolves `.` and `..`. Empty parts are left out.',
  parameters: [],
  variadic: text('parts'),
  call(...parts) {
    if (parts.every((part) => part === '')) return '';
    const path = join(...parts);
    // Unlike Go, Node keeps a separator at the end.
    return path.endsWith(sep) && path.length > parse(path).root.length ? path.slice(0, -sep.length) : path;
  },
});

export const fileFunctions: readonly FunctionValue[] = [pathJoin];
