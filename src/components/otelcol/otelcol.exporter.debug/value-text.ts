/** An AnyValue in the JSON form of OTLP: an object with one member, or none for the empty value. */
export interface JsonValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  /** In digits. */
  readonly intValue?: string;
  /** A text if it is not finite. */
  readonly doubleValue?: number | string;
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values?: readonly JsonValue[] };
  readonly kvlistValue?: { readonly values?: readonly JsonAttribute[] };
}

export interface JsonAttribute {
  readonly key?: string;
  readonly value?: JsonValue;
}

/** A value for people: text as it is, and lists and maps as JSON. */
export function valueText(value: JsonValue = {}): string {
  const { stringValue, bytesValue, doubleValue } = value;
  const text = stringValue ?? bytesValue ?? doubleValue;
  if (text !== undefined) return String(text);
  return Object.keys(value).length === 0 ? '' : jsonOf(value);
}

/** Attributes as `key=value`, in their order. */
export function attributeTexts(attributes: readonly JsonAttribute[] = []): string[] {
  return attributes.map(({ key = '', value }) => `${key}=${valueText(value)}`);
}

function jsonOf(value: JsonValue): string {
  const { stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue } = value;
  if (kvlistValue !== undefined) {
    const pairs = new Map(kvlistValue.values?.map(({ key = '', value: member = {} }) => [key, member]));
    const members = [...pairs].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${jsonOf(member)}`).join(',')}}`;
  }
  if (arrayValue !== undefined) return `[${arrayValue.values?.map(jsonOf).join(',') ?? ''}]`;
  // An integer may have more digits than a number of JavaScript.
  return intValue ?? JSON.stringify(stringValue ?? boolValue ?? doubleValue ?? bytesValue ?? null);
}
