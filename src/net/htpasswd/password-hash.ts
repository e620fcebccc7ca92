import { hash, timingSafeEqual } from 'node:crypto';
import { isSameText } from '../same-text.ts';
import { apr1 } from './apr1.ts';
import { matchesBcrypt } from './bcrypt.ts';
import { shaCrypt, shaCryptVariants } from './sha-crypt.ts';

/** Whether a password is the one that a line of a password file has. */
export type PasswordTest = (password: string) => boolean | Promise<boolean>;

const sha1Size = 20;
const defaultRounds = 5000;
/** More would make one test last seconds. */
const maxRounds = 100_000;
/** What SHA crypt takes of a salt. */
const maxSalt = 16;
/** Up to here bcrypt makes one test last some seconds. */
const maxCost = 16;

/**
 * The test for a password as Apache's htpasswd writes it: bcrypt, MD5, SHA-1 with and without a salt, SHA crypt or plain
 * text. Undefined if it begins like one of those but is none.
 */
export function passwordTest(encoded: string): PasswordTest | undefined {
  if (encoded.startsWith('$apr1$')) return apr1Test(encoded);
  if (encoded.startsWith('{SHA}')) return sha1Test(encoded.slice('{SHA}'.length), false);
  if (encoded.startsWith('{SSHA}')) return sha1Test(encoded.slice('{SSHA}'.length), true);
  if (/^\$2[aby]\$/.test(encoded)) return bcryptTest(encoded);
  if (/^\$[56]\$/.test(encoded)) return shaCryptTest(encoded);
  return (password) => isSameText(password, encoded) || isSameText(`{PLAIN}${password}`, encoded);
}

function apr1Test(encoded: string): PasswordTest | undefined {
  const [, salt, expected] = /^\$apr1\$([^$]*)\$(.*)$/.exec(encoded) ?? [];
  if (salt === undefined || expected === undefined) return undefined;
  return (password) => isSameText(apr1(Buffer.from(password), Buffer.from(salt)), expected);
}

function sha1Test(base64: string, isSalted: boolean): PasswordTest | undefined {
  const bytes = Buffer.from(base64, 'base64');
  const isWhole = isSalted ? bytes.length >= sha1Size : bytes.length === sha1Size;
  if (!isWhole || bytes.toString('base64') !== base64) return undefined;
  const expected = bytes.subarray(0, sha1Size);
  const salt = bytes.subarray(sha1Size);
  return (password) => timingSafeEqual(hash('sha1', Buffer.concat([Buffer.from(password), salt]), 'buffer'), expected);
}

function bcryptTest(encoded: string): PasswordTest | undefined {
  const [, cost] = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(encoded) ?? [];
  if (cost === undefined || Number(cost) < 4 || Number(cost) > maxCost) return undefined;
  return (password) => matchesBcrypt(password, encoded);
}

function shaCryptTest(encoded: string): PasswordTest | undefined {
  const [, id, given, salt, expected] = /^\$([56])\$(?:rounds=(\d+)\$)?([^$]*)\$(.*)$/.exec(encoded) ?? [];
  if (id === undefined || salt === undefined || expected === undefined) return undefined;
  const rounds = given === undefined ? defaultRounds : Math.max(1000, Number(given));
  if (rounds > maxRounds) return undefined;
  const variant = shaCryptVariants[id as '5' | '6'];
  const saltBytes = Buffer.from(salt).subarray(0, maxSalt);
  return (password) => isSameText(shaCrypt(variant, Buffer.from(password), saltBytes, rounds), expected);
}
