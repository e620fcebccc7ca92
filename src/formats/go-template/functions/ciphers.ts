import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { text } from '../parameter.ts';
import { fixed, type FunctionTable } from '../template-function.ts';
import { refuse } from '../work.ts';

export const ciphers: FunctionTable = {
  encryptAES: fixed([text, text], encryptAes),
  decryptAES: fixed([text, text], decryptAes),
};

/** The key is the password, cut or filled with zeros. */
function aesKey(password: string): Buffer {
  const key = Buffer.alloc(32);
  Buffer.from(password).copy(key);
  return key;
}

function encryptAes(password: string, plain: string): string {
  if (plain === '') return '';
  const start = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', aesKey(password), start);
  return Buffer.concat([start, cipher.update(plain), cipher.final()]).toString('base64');
}

function decryptAes(password: string, encrypted: string): string {
  if (encrypted === '') return '';
  const bytes = Buffer.from(encrypted, 'base64');
  if (bytes.length < 32 || bytes.length % 16 !== 0) return refuse('the encrypted text is no whole number of blocks');
  const decipher = createDecipheriv('aes-256-cbc', aesKey(password), bytes.subarray(0, 16)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
  const padding = plain.at(-1) ?? 0;
  if (padding > plain.length) return refuse('the password is not that of the encrypted text');
  return plain.toString('utf8', 0, plain.length - padding);
}
