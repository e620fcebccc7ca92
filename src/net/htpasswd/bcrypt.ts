import { createRequire } from 'node:module';
import type * as Bcrypt from 'bcryptjs';

const require = createRequire(import.meta.url);

/** Whether a password has that bcrypt hash. The library is loaded when it is first needed. */
export function matchesBcrypt(password: string, encoded: string): Promise<boolean> {
  const { compare }: typeof Bcrypt = require('bcryptjs');
  return compare(password, encoded);
}
