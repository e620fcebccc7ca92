import type { Extracted } from './extracted.ts';

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

/** Sets extracted values from the fields of a message. Without `overwrites`, some stage must read all names. */
export function extractFields(extracted: Extracted, fields: Iterable<EventField>, rules: EventFieldRules): void {
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
