import { formatByteSize, parseByteSize } from '../base/byte-size.ts';
import { formatDuration, parseDuration, type Milliseconds } from '../base/duration.ts';
import { compileGoRegexp, type GoRegexp } from '../base/go-regexp/go-regexp.ts';
import { ParseError } from '../base/parse-error.ts';
import { Mismatch, shouldBe, toBool, toFloat, toNumber, toSecret, toText } from '../syntax/convert.ts';
import { Secret } from '../syntax/secret.ts';
import { asObject, isArray, type Value } from '../syntax/value.ts';
import { decodeValue, failed, type Failed, type Place, type ValueType } from './value-type.ts';

function converted<T>(result: T | Mismatch, at: Place): T | Failed {
  return result instanceof Mismatch ? at.fail(result.message) : result;
}

export const stringType: ValueType<string> = {
  name: 'string',
  jsonSchema: { type: 'string' },
  zero: '',
  decode: (value, at) => converted(toText(value), at),
  encode: (text) => text,
};

export const numberType: ValueType<number> = {
  name: 'number',
  jsonSchema: { type: 'number' },
  zero: 0,
  decode: (value, at) => converted(toFloat(value), at),
  encode: (number) => number,
};

export const integerType: ValueType<number> = {
  name: 'int',
  jsonSchema: { type: 'integer' },
  zero: 0,
  decode(value, at) {
    const number = converted(toNumber(value), at);
    if (number === failed) return failed;
    // Alloy cuts fractions off; what does not fit wraps around there, and is refused here.
    const integer = Math.trunc(Number(number));
    return Number.isSafeInteger(integer) ? integer : at.fail(`is out of range`);
  },
  encode: (number) => BigInt(number),
};

export const boolType: ValueType<boolean> = {
  name: 'bool',
  jsonSchema: { type: 'boolean' },
  zero: false,
  decode: (value, at) => converted(toBool(value), at),
  encode: (value) => value,
};

export const secretType: ValueType<Secret> = {
  name: 'secret',
  jsonSchema: { type: 'string', writeOnly: true },
  zero: new Secret(''),
  isSecret: true,
  decode: (value, at) => converted(toSecret(value), at),
  encode: (secret) => secret,
};

/** Text that a parser turns into something: it is checked when the configuration is, not first when it is used. */
export function parsedType<T>(options: {
  name: string;
  format?: string;
  zero?: T;
  parse: (text: string) => T | ParseError;
  encode: (value: T) => string;
}): ValueType<T> {
  const { name, format, zero, parse, encode } = options;
  return {
    name,
    jsonSchema: { type: 'string', ...(format === undefined ? {} : { format }) },
    zero,
    encode,
    decode(value, at) {
      const text = toText(value);
      if (text instanceof Mismatch) return at.fail(text.message);
      const result = parse(text);
      return result instanceof ParseError ? at.fail(`is not valid: ${result.message}`) : result;
    },
  };
}

export const durationType: ValueType<Milliseconds> = parsedType({
  name: 'duration',
  format: 'go-duration',
  zero: 0,
  parse: parseDuration,
  encode: formatDuration,
});

export const byteSizeType: ValueType<number> = parsedType({
  name: 'size',
  format: 'byte-size',
  zero: 0,
  parse: parseByteSize,
  encode: formatByteSize,
});

export function regexpType(options?: { anchored: boolean }): ValueType<GoRegexp> {
  return parsedType<GoRegexp>({
    name: 'regexp',
    format: 're2',
    parse: (text) => compileGoRegexp(text, options),
    encode: (regexp) => regexp.source,
  });
}

export const urlType: ValueType<URL> = parsedType<URL>({
  name: 'url',
  format: 'uri',
  parse(text) {
    const url = URL.parse(text);
    if (url === null) return new ParseError(`${JSON.stringify(text)} is not an absolute URL`);
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      return new ParseError(`unsupported scheme "${url.protocol.slice(0, -1)}", use http or https`);
    return url;
  },
  encode: (url) => url.href,
});

export function oneOfType<const V extends string>(values: readonly V[]): ValueType<V> {
  return {
    name: values.map((value) => JSON.stringify(value)).join(' | '),
    jsonSchema: { type: 'string', enum: values },
    decode(value, at) {
      const text = toText(value);
      if (text instanceof Mismatch) return at.fail(text.message);
      const known = values.find((candidate) => candidate === text);
      return (
        known ??
        at.fail(`is ${JSON.stringify(text)}, want one of ${values.map((name) => JSON.stringify(name)).join(', ')}`)
      );
    },
    encode: (value) => value,
  };
}

export function listType<T>(element: ValueType<T>): ValueType<readonly T[]> {
  return {
    name: `list(${element.name})`,
    jsonSchema: { type: 'array', items: element.jsonSchema },
    zero: [],
    decode(value, at) {
      if (!isArray(value)) return at.fail(shouldBe('array', value).message);
      const list = value.map((item, index) => decodeValue(element, item, at.child(index)));
      return list.includes(failed) ? failed : (list as T[]);
    },
    encode: (values) => values.map((item) => element.encode(item)),
  };
}

export function mapType<T>(field: ValueType<T>): ValueType<ReadonlyMap<string, T>> {
  return {
    name: `map(${field.name})`,
    jsonSchema: { type: 'object', additionalProperties: field.jsonSchema },
    zero: new Map(),
    decode(value, at) {
      const object = asObject(value);
      if (object === undefined) return at.fail(shouldBe('object', value).message);
      const entries: [string, T][] = [];
      let isWhole = true;
      for (const [key, item] of object) {
        const decoded = decodeValue(field, item, at.child(key));
        if (decoded === failed) isWhole = false;
        else entries.push([key, decoded]);
      }
      return isWhole ? new Map(entries) : failed;
    },
    encode: (values) => new Map(values.entries().map(([key, item]) => [key, field.encode(item)])),
  };
}

/** Whatever the user writes, undecoded. */
export const anyType: ValueType<Value> = {
  name: 'any',
  jsonSchema: {},
  zero: null,
  decode: (value) => value,
  encode: (value) => value,
};
