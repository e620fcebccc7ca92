import { ParseError } from '../../base/parse-error.ts';
import type { OtlpBatch, OtlpClient, OtlpKind } from '../../model/otlp-batch.ts';
import { JsonCursor } from '../json/json-cursor.ts';
import { MessageWriter } from '../protobuf/message-writer.ts';
import { checkOtlpRequest } from './check-request.ts';
import { jsonMessageOf, type JsonField, type JsonMessage } from './json-fields.ts';
import { JsonScalars } from './json-scalars.ts';
import { requestMessages } from './message-types.ts';
import { maxDepth } from './skip-field.ts';

/**
 * Makes a batch of an export request in JSON, whose bytes it uses up: escapes in it are replaced in place. Fields may
 * have either of their names, those that are not known are passed over, and null says what a field that is not there
 * says. Text that is no UTF-8 passes.
 */
export function decodeOtlpJson(kind: OtlpKind, body: Buffer, client?: OtlpClient): OtlpBatch | ParseError {
  const bytes = decoder.decode(jsonMessageOf(requestMessages[kind]), body);
  return bytes instanceof ParseError ? bytes : checkOtlpRequest(kind, bytes, client);
}

/** Writes messages while it walks through the JSON. Methods return false where something is wrong. */
class Decoder {
  readonly #cursor = new JsonCursor();
  readonly #out = new MessageWriter();
  readonly #scalars = new JsonScalars(this.#cursor, this.#out);
  #problem: string | undefined;

  decode(request: JsonMessage, body: Buffer): Buffer | ParseError {
    this.#problem = undefined;
    this.#cursor.open(body);
    this.#scalars.bytes = body;
    const isRight = this.#isMessage(request, 0) && this.#cursor.isAtEnd;
    const result = isRight ? this.#out.copy() : new ParseError(this.#problem ?? this.#broken());
    this.#out.clear();
    this.#cursor.open(nothing);
    this.#scalars.bytes = nothing;
    return result;
  }

  #isMessage(message: JsonMessage, depth: number): boolean {
    const cursor = this.#cursor;
    if (!cursor.enterObject()) return this.#fails(message.name, 'an object');
    if (depth > maxDepth) return this.#fails(message.name, `no more than ${maxDepth} levels`);
    while (cursor.nextMember()) {
      cursor.unescape();
      const field = message.find(this.#scalars.bytes, cursor.start, cursor.end);
      if (field === undefined) cursor.skipValue();
      else if (!cursor.readNull()) {
        const isRight =
          field.presence === 'repeated' ? this.#isList(message, field, depth) : this.#isValue(message, field, depth);
        if (!isRight) return false;
      }
    }
    return !cursor.isBroken;
  }

  #isList(message: JsonMessage, field: JsonField, depth: number): boolean {
    const cursor = this.#cursor;
    const { packedTag } = field;
    if (!cursor.enterArray()) return this.#fails(nameOf(message, field), 'an array');
    let place: number | undefined;
    while (cursor.nextElement()) {
      if (packedTag !== undefined) place ??= this.#out.open(packedTag);
      if (!this.#isValue(message, field, depth)) return false;
    }
    if (place !== undefined) this.#out.close(place);
    return !cursor.isBroken;
  }

  #isValue(message: JsonMessage, field: JsonField, depth: number): boolean {
    if (field.message === undefined) {
      const wanted = this.#scalars.write(field);
      return wanted === undefined || this.#fails(nameOf(message, field), wanted);
    }
    const place = this.#out.open(field.tag);
    // A list of messages may have null for an empty one.
    const isRight = this.#cursor.readNull() || this.#isMessage(field.message, depth + 1);
    this.#out.close(place);
    return isRight;
  }

  #fails(where: string, wanted: string): false {
    this.#problem ??= this.#cursor.isBroken ? this.#broken() : `${where} at offset ${this.#cursor.at}: want ${wanted}`;
    return false;
  }

  #broken(): string {
    return `the body is no JSON object, see offset ${this.#cursor.at}`;
  }
}

function nameOf(message: JsonMessage, field: JsonField): string {
  return `${message.name}.${field.name}`;
}

const nothing = Buffer.from('{}');
const decoder = new Decoder();
