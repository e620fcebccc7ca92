import type { Consumer } from '../flow/delivery.ts';
import type { Port } from '../flow/port.ts';
import type { Signal } from '../model/signal.ts';
import { shouldBe } from '../syntax/convert.ts';
import { Capsule, isArray, kindOf, type CapsuleType, type Value } from '../syntax/value.ts';
import { Attribute } from './field.ts';
import { failed, type Surroundings, type ValueType } from './value-type.ts';

const receiverTypes = new Map<string, CapsuleType<Port<never>>>();

/** The capsule in which the input of a component travels through expressions. One type for each signal. */
export function receiverType<B>(signal: Signal<B>): CapsuleType<Port<B>> {
  let type = receiverTypes.get(signal.name);
  if (type === undefined) {
    type = { name: `${signal.name} receiver`, show: (port) => port.id };
    receiverTypes.set(signal.name, type);
  }
  return type as unknown as CapsuleType<Port<B>>;
}

/**
 * `forward_to = [...]`: a list of receivers. It decodes to one consumer that gives each batch to all of them, counted
 * and tapped.
 */
export function output<B>(doc: string, signal: Signal<B>): Attribute<Consumer<B>> {
  return new Attribute<Consumer<B>>({ doc, type: outputType(signal, ({ connect }, ports) => connect(signal, ports)) });
}

/** The same where an empty list, or none, means that there is no such output: it is undefined then. */
export function optionalOutput<B>(doc: string, signal: Signal<B>): Attribute<Consumer<B> | undefined> {
  const type = outputType(signal, ({ connect }, ports) => (ports.length === 0 ? undefined : connect(signal, ports)));
  return new Attribute<Consumer<B> | undefined>({ doc, type, isRequired: false });
}

function outputType<B, T>(
  signal: Signal<B>,
  connect: (surroundings: Surroundings, ports: readonly Port<B>[]) => T,
): ValueType<T> {
  const receiver = receiverType(signal);
  return {
    name: `list(${receiver.name})`,
    jsonSchema: { type: 'array', items: { type: 'string', format: receiver.name.replaceAll(' ', '-') } },
    decode(value, at) {
      if (!isArray(value)) return at.fail(shouldBe('array', value).message);
      const ports: Port<B>[] = [];
      let isWhole = true;
      for (const [index, element] of value.entries()) {
        if (element instanceof Capsule && element.type === receiver) {
          ports.push(element.value as Port<B>);
        } else {
          at.child(index).fail(`should be ${receiver.name}, got ${nameOf(element)}`);
          isWhole = false;
        }
      }
      return isWhole ? connect(at.surroundings, ports) : failed;
    },
    // A consumer does not tell where it leads; whoever shows it has the receivers that were given.
    encode: () => null,
  };
}

/** What a value is, as precisely as a user can understand it. */
export function nameOf(value: Value): string {
  return value instanceof Capsule ? value.type.name : kindOf(value);
}
