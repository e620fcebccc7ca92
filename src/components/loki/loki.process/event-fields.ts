import { DropCount } from './drop-count.ts';
import { textOf, type Extracted } from './extracted.ts';
import type { Link, StageContext } from './stage.ts';

/** A key and its value, from the message of an event. */
export interface EventField {
  readonly key: string;
  readonly value: string;
}

export interface EventFieldRules {
  readonly isValidKey: (key: string) => boolean;
  /** Whether fields whose keys are not valid are left out; otherwise their keys are made valid. */
  readonly dropsInvalid: boolean;
  /** Whether values that are there are replaced; otherwise fields of their names get another name. */
  readonly overwrites: boolean;
}

/**
 * Extracts the fields of the event message that is the extracted value `source`. Without the message entries go on as they
 * are; a message that is no text drops the entry, which is counted with the reason.
 */
export function eventLink(
  source: string,
  fieldsOf: (message: string) => Iterable<EventField>,
  rules: EventFieldRules,
  context: StageContext,
  dropReason: string,
): Link {
  const { slots } = context;
  const slot = slots.reads(source);
  if (!rules.overwrites) slots.readsAll();
  const dropped = new DropCount(context, dropReason);
  return (next) => (cursor) => {
    const message = cursor.extracted.get(slot);
    const text = textOf(message);
    if (text === undefined && message !== undefined) {
      dropped.inc();
      return;
    }
    if (text !== undefined) extractFields(cursor.extracted, fieldsOf(text), rules);
    next(cursor);
  };
}

/** Sets extracted values from the fields of a message. Without `overwrites`, some stage must read all names. */
function extractFields(extracted: Extracted, fields: Iterable<EventField>, rules: EventFieldRules): void {
  for (const { key, value } of fields) {
    const isValid = rules.isValidKey(key);
    if (!isValid && rules.dropsInvalid) continue;
    const name = isValid ? key : validKey(key);
    const isTaken = !rules.overwrites && extracted.has(name);
    extracted.setByName(isTaken ? `${name}_extracted` : name, value);
  }
}

/** A key with an underscore for everything that a label name cannot have. */
function validKey(key: string): string {
  return key === '' ? '_' : key.replaceAll(/^[0-9]|[^a-zA-Z0-9_]/gu, '_');
}
