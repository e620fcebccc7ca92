/** What a record is made of. Whole numbers are written as `uint32`, others as `double`. */
export type MmdbValue =
  | string
  | number
  | bigint
  | boolean
  | Buffer
  | readonly MmdbValue[]
  | { readonly [key: string]: MmdbValue };

/** A node of the search tree: for each bit another node, a record, or nothing. */
type Node = [Branch, Branch];
type Branch = Node | MmdbRecord | undefined;

interface MmdbRecord {
  readonly record: MmdbValue;
}

const marker = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com')]);

/** Writes a database in MaxMind's format, with records for networks such as `10.0.0.0/8` and `2001:db8::/32`. */
export function mmdbOf(
  records: Readonly<Record<string, MmdbValue>>,
  { type = 'Test', ipVersion = 6 }: { readonly type?: string; readonly ipVersion?: 4 | 6 } = {},
): Buffer {
  const root: Node = [undefined, undefined];
  for (const [network, record] of Object.entries(records)) insert(root, bitsOf(network, ipVersion), { record });
  const nodes = [root];
  for (const node of nodes) for (const branch of node) if (Array.isArray(branch)) nodes.push(branch);

  const data: Buffer[] = [];
  let dataSize = 0;
  const tree = nodes.map((node) => {
    const bytes = Buffer.alloc(6);
    for (const [side, branch] of node.entries()) {
      let value = nodes.length;
      if (Array.isArray(branch)) {
        value = nodes.indexOf(branch);
      } else if (branch !== undefined) {
        const encoded = encode(branch.record);
        value = nodes.length + 16 + dataSize;
        dataSize += encoded.length;
        data.push(encoded);
      }
      bytes.writeUIntBE(value, side * 3, 3);
    }
    return bytes;
  });
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000n,
    database_type: type,
    description: { en: 'for tests' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 24,
  });
  return Buffer.concat([...tree, Buffer.alloc(16), ...data, marker, metadata]);
}

function insert(root: Node, bits: readonly number[], record: MmdbRecord): void {
  let node = root;
  for (const [index, bit] of bits.entries()) {
    const branch = node[bit];
    if (index === bits.length - 1) {
      node[bit] = record;
    } else if (Array.isArray(branch)) {
      node = branch;
    } else {
      const next: Node = [undefined, undefined];
      node[bit] = next;
      node = next;
    }
  }
}

/** The bits of the address that all of a network have. In a tree for IPv6, addresses of IPv4 have 96 zeros in front. */
function bitsOf(network: string, ipVersion: 4 | 6): number[] {
  const [address = '', length = ''] = network.split('/');
  const isV4 = !address.includes(':');
  const bytes = isV4
    ? address.split('.').map(Number)
    : groupsOf(address).flatMap((group) => [group >> 8, group & 0xff]);
  const bits = bytes.flatMap((byte) => Array.from({ length: 8 }, (_, at) => (byte >> (7 - at)) & 1));
  const zeros = Array.from({ length: isV4 && ipVersion === 6 ? 96 : 0 }, () => 0);
  return [...zeros, ...bits.slice(0, Number(length))];
}

function groupsOf(address: string): number[] {
  const [left = [], right = []] = address
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== '').map((group) => Number.parseInt(group, 16))); // prettier-ignore
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return [...left, ...zeros, ...right];
}

function encode(value: MmdbValue): Buffer {
  switch (typeof value) {
    case 'string':
      return withControl(2, Buffer.byteLength(value), Buffer.from(value));
    case 'boolean':
      return withControl(14, value ? 1 : 0);
    case 'bigint':
      return encodeInteger(value > 0xffff_ffff_ffff_ffffn ? 10 : 9, value);
    case 'number':
      return Number.isInteger(value) && value >= 0 ? encodeInteger(6, BigInt(value)) : encodeDouble(value);
    default:
  }
  if (Buffer.isBuffer(value)) return withControl(4, value.length, value);
  if (Array.isArray(value)) return withControl(11, value.length, ...value.map(encode));
  const pairs = Object.entries(value).map(([key, item]) => Buffer.concat([encode(key), encode(item)]));
  return withControl(7, pairs.length, ...pairs);
}

function encodeInteger(type: number, value: bigint): Buffer {
  const digits = value === 0n ? '' : value.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return withControl(type, bytes.length, bytes);
}

function encodeDouble(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return withControl(3, 8, bytes);
}

/** The control byte says the type and the size, in further bytes where it has no room for them. */
function withControl(type: number, size: number, ...payload: readonly Buffer[]): Buffer {
  const short = size < 29 ? size : size < 285 ? 29 : 30;
  const first = type > 7 ? [short, type - 7] : [(type << 5) | short];
  const rest = Buffer.alloc(short - 28 > 0 ? short - 28 : 0);
  if (rest.length > 0) rest.writeUIntBE(size - (short === 29 ? 29 : 285), 0, rest.length);
  return Buffer.concat([Buffer.from(first), rest, ...payload]);
}
