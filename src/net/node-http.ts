import type * as NodeHttp from 'node:http';

/**
 * `node:http`, got so that only what is used of it is loaded. An `import` would ask for all that the module exports, and
 * with that load its WebSocket client, which takes a fifth of the memory of an idle program.
 */
export const http: typeof NodeHttp = process.getBuiltinModule('node:http');
