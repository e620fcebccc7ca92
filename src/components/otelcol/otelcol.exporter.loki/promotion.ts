import { ByteKeys } from '../../../base/byte-keys.ts';
import { readValueText } from '../../../formats/otlp/any-value-text.ts';
import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import type { LogCursor } from '../../../formats/otlp/log-cursor.ts';
import { Labels } from '../../../model/labels.ts';
import { HintReader, hintedValue, hints, type HintedName } from './hint.ts';
import { severityLevel } from './severity-level.ts';

const serviceName = Buffer.from('service.name');
const serviceNamespace = Buffer.from('service.namespace');
const serviceInstance = Buffer.from('service.instance.id');
const [exporter, job, instance, level] = ['exporter', 'job', 'instance', 'level'].map((name) => Buffer.from(name)) as [
  Buffer,
  Buffer,
  Buffer,
  Buffer,
];
const hintNames = new ByteKeys(Object.values(hints).map(String));

/**
 * Finds the labels of records, and which attributes are left for the lines. What depends on the resource alone is found
 * once for each.
 */
export class Promotion {
  /** The labels of the record that was looked at last. */
  labels = Labels.empty;
  readonly #ofResource = new HintReader();
  readonly #resourceLabels = new HintReader();
  readonly #attributeLabels = new HintReader();
  readonly #tenantOfResource = new HintReader();
  readonly #tenant = new HintReader();
  #resource: AttributeList | undefined;
  #labelsOfResource = Labels.empty;
  #tenantNames: readonly HintedName[] = [];
  #hasTenantHint = false;
  /** The names of attributes that do not get into lines, those that the resource alone decides first. */
  readonly #promoted: Buffer[] = [];
  #promotedByResource = 0;

  startResource(resource: AttributeList): void {
    this.#resource = resource;
    this.#promoted.length = 0;
    this.labels = Labels.empty;
    this.#add('exporter', exporter, 'OTLP');
    const name = textOf(resource, serviceName);
    const namespace = textOf(resource, serviceNamespace);
    const instanceId = textOf(resource, serviceInstance);
    if (name !== undefined) this.#add('job', job, namespace === undefined ? name : `${namespace}/${name}`);
    if (instanceId !== undefined) this.#add('instance', instance, instanceId);
    this.#promote(resource, this.#ofResource.read(resource, resource.find(hints.resourceLabels)));
    this.#labelsOfResource = this.labels;
    this.#promotedByResource = this.#promoted.length;
    const tenantHint = resource.find(hints.tenant);
    this.#hasTenantHint = tenantHint >= 0;
    this.#tenantNames = this.#tenantOfResource.read(resource, tenantHint);
  }

  startRecord(record: LogCursor): void {
    const resource = this.#resource as AttributeList;
    const { attributes, severityNumber } = record;
    this.labels = this.#labelsOfResource;
    this.#promoted.length = this.#promotedByResource;
    this.#promote(resource, this.#resourceLabels.read(attributes, attributes.find(hints.resourceLabels)));
    this.#promote(attributes, this.#attributeLabels.read(attributes, attributes.find(hints.attributeLabels)));
    if (severityNumber !== 0) this.#add('level', level, textOf(attributes, level) ?? severityLevel(severityNumber));
    const tenants = this.#hasTenantHint
      ? this.#tenantNames
      : this.#tenant.read(attributes, attributes.find(hints.tenant));
    for (const name of tenants) {
      const value = hintedValue(resource, name) ?? hintedValue(attributes, name);
      if (value !== undefined) this.#add(name.label, name.key, value);
    }
  }

  /** The indexes of those attributes of the record or its resource that get into its line. Fills `kept`. */
  keep(list: AttributeList, kept: number[]): void {
    kept.length = 0;
    for (let index = 0; index < list.count; index++) {
      const start = list.keyStarts[index] ?? 0;
      const end = list.keyEnds[index] ?? 0;
      if (hintNames.find(list.bytes, start, end) < 0 && !this.#isPromoted(list.bytes, start, end)) kept.push(index);
    }
  }

  #isPromoted(bytes: Buffer, start: number, end: number): boolean {
    for (const name of this.#promoted) {
      if (name.length !== end - start) continue;
      let at = start;
      while (at < end && bytes[at] === name[at - start]) at++;
      if (at === end) return true;
    }
    return false;
  }

  #promote(list: AttributeList, names: readonly HintedName[]): void {
    for (const name of names) {
      const value = hintedValue(list, name);
      if (value !== undefined) this.#add(name.label, name.key, value);
    }
  }

  /** A label without text is none. */
  #add(label: string, attribute: Buffer, value: string): void {
    this.labels = value === '' ? this.labels.without(label) : this.labels.with(label, value);
    this.#promoted.push(attribute);
  }
}

function textOf(list: AttributeList, key: Buffer): string | undefined {
  const index = list.find(key);
  if (index < 0) return undefined;
  return readValueText(list.bytes, list.valueStarts[index] ?? 0, list.valueEnds[index] ?? 0);
}
