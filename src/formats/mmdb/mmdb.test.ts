import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { mmdbOf } from '../../testkit/mmdb-writer.ts';
import { openMmdb, parseIpAddress, type IpAddress, type Mmdb } from './mmdb.ts';

function open(bytes: Buffer): Mmdb {
  const database = openMmdb(bytes);
  if (database instanceof ParseError) assert.fail(database.message);
  return database;
}

test('texts are addresses where Go takes them as such', () => {
  const cases: readonly [text: string, address: string | undefined][] = [
    ['1.2.3.4', '1.2.3.4'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:1.2.3.4', '1.2.3.4'],
    ['::', '::'],
    ['fe80::1%eth0', undefined],
    ['1.2.3', undefined],
    ['01.2.3.4', undefined],
    ['1.2.3.4:80', undefined],
    ['1.2.3.4 ', undefined],
    ['', undefined],
    ['localhost', undefined],
  ];
  for (const [text, address] of cases) assert.equal(parseIpAddress(text), address, text);
});

const record = {
  text: 'é'.repeat(200),
  long: 'x'.repeat(1000),
  whole: 4_294_967_295,
  fraction: -0.5,
  large: 2n ** 64n - 1n,
  larger: 2n ** 127n,
  yes: true,
  list: ['a', 1, { b: 'c' }],
  empty: {},
};

test('records are found by the networks that addresses are in', () => {
  for (const ipVersion of [4, 6] as const) {
    const database = open(mmdbOf({ '10.0.0.0/8': 'ten', '192.168.1.0/24': record }, { type: 'Kind', ipVersion }));
    const find = (text: string): unknown => database.find(text as IpAddress);
    assert.equal(database.type, 'Kind');
    assert.equal(find('10.255.0.1'), 'ten');
    assert.deepEqual(find('192.168.1.77'), record);
    for (const unknown of ['11.0.0.0', '192.168.2.1', '::', '2001:db8::1']) assert.equal(find(unknown), undefined);
  }
  const database = open(mmdbOf({ '2001:db8::/32': 'six', '1.0.0.0/8': 'one' }));
  assert.equal(database.find('2001:db8:ffff::1' as IpAddress), 'six');
  assert.equal(database.find('1.2.3.4' as IpAddress), 'one');
});

test('an IPv6 address is not looked up in a database for IPv4', () => {
  const database = open(mmdbOf({ '32.0.0.0/8': 'thirty-two' }, { ipVersion: 4 }));
  assert.equal(database.find('2001:db8::1' as IpAddress), undefined);
});

test('what is no database is refused with the reason', () => {
  const whole = mmdbOf({ '10.0.0.0/8': 'ten' });
  for (const bytes of [Buffer.alloc(0), Buffer.from('some text'), Buffer.alloc(1000, 0xff), whole.subarray(0, 300)])
    assert.ok(openMmdb(bytes) instanceof ParseError, String(bytes.length));
});

test('broken databases give records or errors, whatever is broken', () => {
  const whole = mmdbOf({ '10.0.0.0/8': record, '2001:db8::/32': ['six'] });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 5 }),
      fc.nat({ max: whole.length }),
      (changes, cutAt) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        for (const broken of [bytes, bytes.subarray(0, cutAt)]) {
          const database = openMmdb(broken);
          if (database instanceof ParseError) continue;
          for (const address of ['10.1.2.3', '2001:db8::1', '::']) database.find(address as IpAddress);
        }
      },
    ),
    { numRuns: 500 },
  );
});
