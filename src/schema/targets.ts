import { Labels } from '../model/labels.ts';
import { toText } from '../syntax/convert.ts';
import { asObject, Capsule, isArray, type CapsuleType, type Value } from '../syntax/value.ts';
import { Attribute } from './field.ts';
import { exported, type ValueExport } from './exports.ts';
import { nameOf } from './receiver.ts';
import { failed, type Failed, type Place, type ValueType } from './value-type.ts';

/** A discovered target on its way through expressions. It can be read like an object. */
export const targetCapsule: CapsuleType<Labels> = {
  name: 'target',
  show: (labels) =>
    `{${[...labels].map(([name, value]) => `${JSON.stringify(name)}=${JSON.stringify(value)}`).join(', ')}}`,
  entries: (labels) => new Map(labels),
  equals: (a, b) => a.equals(b),
};

export const targetsType: ValueType<readonly Labels[]> = {
  name: 'list(map(string))',
  jsonSchema: { type: 'array', items: { type: 'object', additionalProperties: { type: 'string' } } },
  zero: [],
  decode(value, at) {
    if (!isArray(value)) return at.fail(`should be array, got ${nameOf(value)}`);
    const list: Labels[] = [];
    let isWhole = true;
    for (const [index, element] of value.entries()) {
      const target = decodeTarget(element, index, at);
      if (target === failed) isWhole = false;
      else list.push(target);
    }
    return isWhole ? list : failed;
  },
  encode: (list) => list.map((labels) => new Capsule(targetCapsule, labels)),
};

function decodeTarget(value: Value, index: number, at: Place): Labels | Failed {
  if (value instanceof Capsule && value.type === targetCapsule) return value.value as Labels;
  const object = asObject(value);
  if (object === undefined) return at.child(index).fail(`should be a target or an object, got ${nameOf(value)}`);
  const pairs: [string, string][] = [];
  for (const [name, field] of object) {
    const text = typeof field === 'boolean' ? String(field) : toText(field);
    if (typeof text !== 'string') return at.child(index).child(name).fail(text.message);
    pairs.push([name, text]);
  }
  return Labels.from(pairs);
}

/** A list of targets: objects whose fields are labels. Numbers and bools become text. */
export function targets(doc: string): Attribute<readonly Labels[]> {
  return new Attribute<readonly Labels[]>({ doc, type: targetsType });
}

export function exportedTargets(doc: string): ValueExport<readonly Labels[]> {
  return exported(doc, targetsType);
}
