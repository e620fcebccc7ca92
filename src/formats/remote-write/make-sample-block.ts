import { ByteBuilder } from '../../base/byte-builder.ts';
import { writeVarint } from '../../base/varint.ts';
import type { SeriesRef, SeriesTable } from '../../model/series-table.ts';
import { maxCompressedSize, writeLiteral } from '../snappy/compress.ts';
import { compressThoroughly } from '../snappy/compress-thoroughly.ts';
import { elementsOf, type SnappyElement } from '../snappy/elements.ts';
import { blockTimeSize, SampleBlock, type BlockParts } from './sample-block.ts';

/** A block has at most so many series, since the bytes that stand for a value are numbered. */
export const maxBlockSeries = 128;
/** What copies reach, and places in 16 bits. */
const maxPlainSize = 0xffff;
const maxPlaces = 0xffff;
const valueSize = 8;
const sampleSize = 1 + valueSize + 1 + blockTimeSize;

/** What a byte of a block without compression is: a part of a value, of a time, or neither. */
const fixed = 0;
const firstOfValue = 1;
const firstOfTime = firstOfValue + valueSize;
/** Stand for values and times: bytes that are in no text, and for values none that come twice in four bytes. */
const timeMarks = Buffer.from([0xf9, 0xfa, 0xfb, 0xf8, 0xf5, 0xf6]);
const valueMarks = (index: number): readonly number[] => [index, 0xfc, index, 0xfd, index, 0xfe, 0xff, index];

const plain = new ByteBuilder();
const kinds = new ByteBuilder();
const packed = new ByteBuilder();

/** Makes a block of series from a place on, before an end; undefined if there is something in them that does not allow it. */
export function makeSampleBlock(
  table: SeriesTable,
  series: Uint32Array,
  start: number,
  end: number,
): SampleBlock | undefined {
  for (const memory of [plain, kinds, packed]) memory.clear();
  let next = start;
  let plainSize = 0;
  for (; next < Math.min(end, start + maxBlockSeries); next++) {
    appendSeries(table, series[next] ?? 0, next - start);
    if (plain.size > maxPlainSize) break;
    plainSize = plain.size;
  }
  const output = packed.reserve(maxCompressedSize(plainSize));
  packed.advanceTo(compressThoroughly(plain.reserve(0), plainSize, output, 0));
  const parts = partsOf(output, packed.size, kinds.reserve(0));
  const own = series.slice(start, next);
  if (parts === undefined || parts.valueOffsets.length !== own.length || own.length === 0) return undefined;
  const generations = own.map((ref) => table.generationOf(ref));
  return new SampleBlock({ series: own, generations, plainSize, ...parts });
}

function appendSeries(table: SeriesTable, ref: SeriesRef, index: number): void {
  const labelsSize = table.sizeOf(ref);
  const output = plain.reserve(labelsSize + 64);
  const start = plain.size;
  let at = start;
  output[at] = 0x0a;
  at = writeVarint(output, at + 1, labelsSize + 2 + sampleSize);
  table.bytesOf(ref).copy(output, at, table.startOf(ref), table.endOf(ref));
  at += labelsSize;
  output[at++] = 0x12;
  output[at++] = sampleSize;
  output[at++] = 0x09;
  const valueAt = at;
  for (const mark of valueMarks(index)) output[at++] = mark;
  output[at++] = 0x10;
  const timeAt = at;
  at += timeMarks.copy(output, at);
  plain.advanceTo(at);

  const kind = kinds.reserve(at - start);
  kind.fill(fixed, start, at);
  for (let byte = 0; byte < valueSize; byte++) kind[valueAt + byte] = firstOfValue + byte;
  for (let byte = 0; byte < blockTimeSize; byte++) kind[timeAt + byte] = firstOfTime + byte;
  kinds.advanceTo(at);
}

/** What becomes of compressed elements when the values are taken out. */
class Parts {
  readonly #bytes: Buffer;
  readonly #kinds: Buffer;
  readonly #elements: Buffer;
  #size = 0;
  readonly #ends: number[] = [];
  readonly #valueOffsets: number[] = [];
  readonly #times: { place: number; byte: number }[] = [];

  /** What each byte is without compression is in `kindsOfBytes`. */
  constructor(bytes: Buffer, size: number, kindsOfBytes: Buffer) {
    this.#bytes = bytes;
    this.#kinds = kindsOfBytes;
    this.#elements = Buffer.alloc(2 * size + 64);
  }

  /** Adds a copy for an offset without compression; false if something in it is a value, or refers to what it is not. */
  addCopy({ start, end, length, distance }: SnappyElement, offset: number): boolean {
    const own = this.#kinds;
    for (let byte = offset; byte < offset + length; byte++)
      if (isValue(own[byte]) || own[byte] !== own[byte - distance]) return false;
    this.#size += this.#bytes.copy(this.#elements, this.#size, start, end);
    return true;
  }

  /** Adds a literal for an offset without compression; false if there is a part of a value in it. */
  addLiteral({ literalAt, end }: SnappyElement, offset: number): boolean {
    const own = this.#kinds.subarray(offset, offset + end - literalAt);
    for (let at = 0; at < own.length;) {
      if (isValue(own[at])) {
        if (own[at] !== firstOfValue || own.length - at < valueSize) return false;
        this.#ends.push(this.#size);
        this.#valueOffsets.push(offset + at);
        at += valueSize;
        continue;
      }
      const rest = own.subarray(at).findIndex(isValue);
      const last = rest < 0 ? own.length : at + rest;
      this.#size = writeLiteral(this.#bytes, literalAt + at, literalAt + last, this.#elements, this.#size);
      for (; at < last; at++) this.#noteTime(own[at] ?? fixed, this.#size - (last - at));
    }
    return true;
  }

  /** What a block has of it; undefined if it is too large. */
  finish(): Pick<BlockParts, 'elements' | 'ends' | 'valueOffsets' | 'times'> | undefined {
    if (this.#size > maxPlaces) return undefined;
    const elements = this.#elements.subarray(0, this.#size);
    return { elements, ends: [...this.#ends, this.#size], valueOffsets: this.#valueOffsets, times: this.#times };
  }

  #noteTime(kind: number, place: number): void {
    if (kind < firstOfTime) return;
    this.#times.push({ place, byte: kind - firstOfTime });
  }
}

function partsOf(bytes: Buffer, size: number, kindsOfBytes: Buffer): ReturnType<Parts['finish']> {
  const parts = new Parts(bytes, size, kindsOfBytes);
  let offset = 0;
  for (const element of elementsOf(bytes, 0, size)) {
    const canBe = element.distance > 0 ? parts.addCopy(element, offset) : parts.addLiteral(element, offset);
    if (!canBe) return undefined;
    offset += element.length;
  }
  return parts.finish();
}

function isValue(kind: number | undefined): boolean {
  return kind !== undefined && kind >= firstOfValue && kind < firstOfTime;
}
