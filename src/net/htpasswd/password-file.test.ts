import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PasswordFile } from './password-file.ts';
import { passwordTest } from './password-hash.ts';

const long = 'a much longer password than any digest has bytes: grüße, grüße, grüße, grüße, grüße, grüße!';

/** Made with OpenSSL and the C library. */
const hashes: readonly (readonly [what: string, encoded: string, password: string])[] = [
  ['MD5', '$apr1$saltsalt$qYpLAVWkBvXFyDme7.oc1/', 'pass word'],
  ['MD5 of a long password', '$apr1$abcdefgh$Afyi6jBIvwdH413VkfUi3.', long],
  ['MD5 of no password', '$apr1$x$tMwYqBfQwi3FYAr0aJc8M/', ''],
  ['SHA-256 crypt', '$5$saltsalt$9Wp9Qw4Ze8Jxq5F1Z3UnS47KFhc8AqhCRyxFDa8e660', 'pass word'],
  ['SHA-256 crypt of a long password', '$5$abcdefgh$9RjYMlIkkzb0ERM1YrHLVKFl0imBG7ixwWRuyDaf6F/', long],
  [
    'SHA-512 crypt',
    '$6$saltsalt$cc1KsgmlKYtCcnNH8.sv7Fe8mca8fAso5fHlNrb1VZa5WYQ.L3ChTcx06ID.LoaXZAf9CZNraK43XCp7LxKHl1',
    'pass word',
  ],
  [
    'SHA-512 crypt of a long password',
    '$6$abcdefgh$W2hyrz7d8z/XsSz5xLoyt7h2MfyfkP2Sqoah.MCE8Yfogr1pk6rZFdHSMTOQ0eVFnNS29YsRHkuhNOZiKmS6n1',
    long,
  ],
  [
    'SHA-512 crypt with its own number of rounds',
    '$6$rounds=1234$abc$W1gSUe0g6Uz4kXSJ1BRlL23.1LP0xbwIMiareFie2DjE7tsbcezwZrAvQT7kIeM9vC3FLG9uZfH5F5vGpqiWZ/',
    'hello',
  ],
  ['bcrypt', '$2b$04$abcdefghijklmnopqrstuuwHJMEGjfAzmL1lWmUmlphguIbWfjYey', 'hello'],
  ['bcrypt as Apache writes it', '$2y$04$abcdefghijklmnopqrstuuwHJMEGjfAzmL1lWmUmlphguIbWfjYey', 'hello'],
  ['SHA-1', '{SHA}qvTGHdzF6KLavt4PO0gs2a6pQ00=', 'hello'],
  ['SHA-1 with a salt', '{SSHA}ophh9j7CXCYWDQbJyqM9j7zmEyNwZXBwZXI=', 'hello'],
  ['plain text', 'pass:word', 'pass:word'],
  ['plain text as nginx has it', '{PLAIN}hello', 'hello'],
  ['plain text that looks like a hash', '$1$abc', '$1$abc'],
];

for (const [what, encoded, password] of hashes) {
  test(`a password may be ${what}`, async () => {
    const matches = passwordTest(encoded);
    assert.ok(matches);
    assert.equal(await matches(password), true);
    assert.equal(await matches(`${password}x`), false);
    assert.equal(await matches(''), password === '');
  });
}

const broken = [
  '$apr1$salt',
  '{SHA}hello',
  '{SHA}aGVsbG8=',
  '{SSHA}aGVsbG8=',
  '$2y$10$short',
  '$2y$31$abcdefghijklmnopqrstuuwHJMEGjfAzmL1lWmUmlphguIbWfjYey',
  '$6$salt',
  '$5$rounds=999999999$salt$hash',
];

for (const encoded of broken) {
  test(`${encoded} is no password`, () => {
    assert.equal(passwordTest(encoded), undefined);
  });
}

test('a file has a user and a password in each line, of which the last counts', async () => {
  const file = new PasswordFile('\n a:first \r\nno password\nb:{SHA}broken\na:second\nc:x:y\n');
  assert.deepEqual(file.badLines, [3, 4]);
  assert.equal(await file.accepts('a', 'second'), true);
  assert.equal(await file.accepts('a', 'first'), false);
  assert.equal(await file.accepts('b', '{SHA}broken'), false);
  assert.equal(await file.accepts('c', 'x:y'), true);
  assert.equal(await file.accepts('nobody', ''), false);
});

test('the answer for a user and a password is found once', async () => {
  const file = new PasswordFile('a:$2b$04$abcdefghijklmnopqrstuuwHJMEGjfAzmL1lWmUmlphguIbWfjYey');
  assert.equal(file.accepts('a', 'hello'), file.accepts('a', 'hello'));
  assert.equal(await file.accepts('a', 'hello'), true);
  assert.equal(await file.accepts('a', 'other'), false);
});
