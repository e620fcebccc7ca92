import type * as NodeHttp2 from 'node:http2';

/** `node:http2`, loaded when it is first needed, since it takes more than 4 MB. */
export function http2(): typeof NodeHttp2 {
  return process.getBuiltinModule('node:http2');
}
