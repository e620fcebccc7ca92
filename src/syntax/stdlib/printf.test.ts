import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fromJson, Capsule, type Value } from '../value.ts';
import { printf } from './printf.ts';

type Case = readonly [format: string, args: readonly Value[], text: string];

function check(cases: readonly Case[]): void {
  for (const [format, args, text] of cases) assert.equal(printf(format, args), text, format);
}

test('text outside of directives stays as it is', () => {
  check([
    ['', [], ''],
    ['plain', [], 'plain'],
    ['100%%', [], '100%'],
    ['%5%|%-5.2%', [], '%|%'],
    ['é%s日', ['x'], 'éx日'],
  ]);
});

test('%v suits every value', () => {
  check([
    ['%v', [5n], '5'],
    ['%v', [1.5], '1.5'],
    ['%v', [1], '1'],
    ['%v', [1e6], '1e+06'],
    ['%v', [true], 'true'],
    ['%v', ['hi'], 'hi'],
    ['%v', [null], '<nil>'],
    ['%v', [[1n, 2n]], '[1 2]'],
    ['%v', [['a', null, [true]]], '[a <nil> [true]]'],
    ['%v', [[]], '[]'],
    ['%v', [fromJson({ b: 2, a: 'x' })], 'map[a:x b:2]'],
    ['%v', [fromJson({})], 'map[]'],
    ['%5v|%-5v|%05v', [1n, 2n, 3n], '    1|2    |00003'],
    ['%+v', [1n], '1'],
  ]);
});

test('%#v writes values as Go does in source text', () => {
  check([
    ['%#v', ['a"b'], String.raw`"a\"b"`],
    ['%#v', [1n], '1'],
    ['%#v', [2n ** 63n], '0x8000000000000000'],
    ['%#v', [1.5], '1.5'],
    ['%#v', [[1n, 'a', null, true]], '[]interface {}{1, "a", interface {}(nil), true}'],
    ['%#v', [fromJson({ b: 'x', a: 1 })], 'map[string]interface {}{"a":1, "b":"x"}'],
    ['%#v', [null], '<nil>'],
  ]);
});

test('%T names the type in Go', () => {
  check([
    ['%T %T %T %T', [1n, 1, 'x', true], 'int float64 string bool'],
    ['%T', [2n ** 63n], 'uint64'],
    ['%T', [[1n]], '[]interface {}'],
    ['%T', [fromJson({})], 'map[string]interface {}'],
    ['%T', [null], '<nil>'],
    ['%8.3T|', [1.5], '     flo|'],
  ]);
});

test('integers have bases, signs and zeros', () => {
  check([
    ['%d', [42n], '42'],
    ['%d', [-42n], '-42'],
    ['%d', [9223372036854775807n], '9223372036854775807'],
    ['%+d % d % d', [5n, 5n, -5n], '+5  5 -5'],
    ['%5d|%-5d|%05d|%05d', [42n, 42n, 42n, -42n], '   42|42   |00042|-0042'],
    ['%-05d|', [42n], '42   |'],
    ['%.5d|%8.5d|%08.5d|', [42n, 42n, 42n], '00042|   00042|   00042|'],
    ['%.0d|%5.0d|', [0n, 0n], '|     |'],
    ['%b %o %O %x %X', [5n, 8n, 8n, 255n, 255n], '101 10 0o10 ff FF'],
    ['%#b %#o %#x %#X', [5n, 8n, 255n, 255n], '0b101 010 0xff 0XFF'],
    ['%x', [-255n], '-ff'],
    ['%#08x', [255n], '0x000000ff'],
    ['%c%c%c', [65n, 233n, 128512n], 'Aé😀'],
    ['%c', [-1n], '\ufffd'],
    ['%q %q %+q', [120n, 39n, 233n], String.raw`'x' '\'' '\u00e9'`],
    ['%U %#U %U', [9731n, 9731n, 65n], "U+2603 U+2603 '☃' U+0041"],
    ['%U', [-1n], 'U+FFFFFFFFFFFFFFFF'],
    ['%d %x', [2n ** 64n - 1n, 2n ** 64n - 1n], '18446744073709551615 ffffffffffffffff'],
  ]);
});

test('floats have precisions, exponents and signs', () => {
  check([
    ['%f', [9.87654321], '9.876543'],
    ['%.2f|%8.2f|%-8.2f|%08.2f', [9.87654, 9.87654, 9.87654, -9.87654], '9.88|    9.88|9.88    |-0009.88'],
    ['%+.1f % .1f', [2.25, 2.25], '+2.2  2.2'],
    ['%.0f %#.0f', [1.5, 1.5], '2 2.'],
    ['%F', [1.5], '1.500000'],
    ['%e %E', [123456.789, 123456.789], '1.234568e+05 1.234568E+05'],
    ['%g %G', [1e21, 1e-7], '1e+21 1E-07'],
    ['%.3g %#g %#.3g', [1234.5, 1.5, 1], '1.23e+03 1.50000 1.00'],
    ['%x %b', [1.5, 1], '0x1.8p+00 4503599627370496p-52'],
    ['%f %+f %5.1f|', [Infinity, -Infinity, Number.NaN], '+Inf -Inf   NaN|'],
    ['%06.1f', [Infinity], '  +Inf'],
  ]);
});

test('strings have widths, limits, quotes and hexadecimal forms', () => {
  check([
    ['%s', ['hi'], 'hi'],
    ['%5s|%-5s|%.2s|%5.1s|', ['hi', 'hi', 'hello', 'hello'], '   hi|hi   |he|    h|'],
    ['%5s|%.2s|', ['日本', '日本語'], '   日本|日本|'],
    ['%05s', ['hi'], '000hi'],
    ['%q', ['a\n"b"'], String.raw`"a\n\"b\""`],
    ['%#q %#q', ['a"b', 'a`b'], '`a"b` "a`b"'],
    ['%+q', ['é'], String.raw`"\u00e9"`],
    ['%x %X', ['hi', 'é'], '6869 C3A9'],
    ['% x|% #x|%#x|%.1x', ['hi', 'hi', 'hi', 'hi'], '68 69|0x68 0x69|0x6869|68'],
    ['%x|%3x|', ['', ''], '|   |'],
    ['%t %7t|%-7t|', [true, false, true], 'true   false|true   |'],
  ]);
});

test('verbs apply to every part of arrays and objects', () => {
  check([
    ['%s', [['a', 'b']], '[a b]'],
    ['%q', [['a', 'b']], '["a" "b"]'],
    ['%02d', [[1n, 2n]], '[01 02]'],
    ['%x', [fromJson({ a: 'hi' })], 'map[61:6869]'],
    ['%d', [['a', 1n, null]], '[%!d(string=a) 1 <nil>]'],
  ]);
});

test('functions and runtime objects show what stands for them', () => {
  const receiver = new Capsule({ name: 'logs receiver', show: () => 'loki.write.main' }, 1);
  check([
    ['%v %s %T', [receiver, receiver, receiver], 'loki.write.main loki.write.main logs receiver'],
    ['%d', [receiver], '%!d(logs receiver=loki.write.main)'],
  ]);
});

test('widths and precisions may come from the arguments', () => {
  check([
    ['%*d|%-*d|', [5n, 42n, 5n, 42n], '   42|42   |'],
    ['%*d|', [-5n, 42n], '42   |'],
    ['%.*f', [2n, 9.87654], '9.88'],
    ['%*.*f|', [8n, 2n, 9.87654], '    9.88|'],
    ['%*d', ['x', 42n], '%!(BADWIDTH)42'],
    ['%*d', [10_000_000n, 42n], '%!(BADWIDTH)42'],
    ['%.*d', [-1n, 42n], '%!(BADPREC)42'],
  ]);
});

test('arguments may be chosen by their number', () => {
  check([
    ['%[2]d %[1]d', [11n, 22n], '22 11'],
    ['%[3]*.[2]*[1]f', [12.0, 2n, 6n], ' 12.00'],
    ['%d %d %#[1]x %#x', [16n, 17n], '16 17 0x10 0x11'],
    ['%[1]v', [1n, 2n], '1'],
  ]);
});

test('mistakes show in the text as they do in Go', () => {
  check([
    ['%d', ['hi'], '%!d(string=hi)'],
    ['%d', [1.5], '%!d(float64=1.5)'],
    ['%s', [1n], '%!s(int=1)'],
    ['%f', [1n], '%!f(int=1)'],
    ['%s', [true], '%!s(bool=true)'],
    ['%d', [null], '%!d(<nil>)'],
    ['%5d', ['hi'], '%!d(string=   hi)'],
    ['%z', [1n], '%!z(int=1)'],
    ['%é', [1n], '%!é(int=1)'],
    ['%w', [[1n]], '%!w([]interface {}=[1])'],
    ['%p', ['x'], '%!p(string=x)'],
    ['%d', [], '%!d(MISSING)'],
    ['%d %d', [1n], '1 %!d(MISSING)'],
    ['%d', [1n, 2n, 'x', null], '1%!(EXTRA int=2, string=x, <nil>)'],
    ['%', [], '%!(NOVERB)'],
    ['%-', [1n], '%!(NOVERB)%!(EXTRA int=1)'],
    ['%.', [], '%!.(MISSING)'],
    ['%[3]d', [1n], '%!d(BADINDEX)'],
    ['%[x]d', [1n], '%!d(BADINDEX)'],
    ['%[0]d', [1n], '%!d(BADINDEX)'],
    ['%[]', [1n], '%!](BADINDEX)'],
    ['%[1]2d', [1n], '%!d(BADINDEX)'],
    ['%[1', [1n], '%!(NOVERB)'],
    ['%[2]*[1]d', [2n, 'x'], '%!(BADWIDTH)2'],
    ['%100000000000000000000d', [1n], '%!(NOVERB)%!(EXTRA int=1)'],
  ]);
});

test('a pointer has no address here', () => {
  check([['%p %#p', [[1n], [1n]], '0x0 0']]);
});

test('no format makes printf throw', () => {
  const unit = fc.constantFrom(...Array.from('%[]*.#0+- 12vdsqxfgTUpé'));
  const leaf = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.string({ unit: 'binary' }),
  );
  const value: fc.Arbitrary<Value> = fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string(), leaf).map(fromJson));
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), fc.array(value, { maxLength: 3 }), (format, args) => {
      assert.equal(typeof printf(format, args), 'string');
    }),
    { numRuns: 500 },
  );
});
