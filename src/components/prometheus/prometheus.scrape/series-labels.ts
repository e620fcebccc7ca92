import type { LabelSetBuilder } from '../../../model/label-set-builder.ts';
import type { Labels } from '../../../model/labels.ts';
import type { NameScheme } from '../../../model/relabel.ts';
import { ReadFailure } from './read-failure.ts';

/** How the labels of exposed series become those of the series that are sent. */
export interface LabelSettings {
  readonly honorLabels: boolean;
  readonly nameScheme: NameScheme;
  /** Limits of the labels, in bytes where it is sizes; 0 for none. */
  readonly maxLabels: number;
  readonly maxNameSize: number;
  readonly maxValueSize: number;
}

const nameLabel = Buffer.from('__name__');
const legacyMetricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const legacyLabelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** The labels of a target, prepared for being put together with those that it exposes. */
export class TargetLabels {
  readonly labels: Labels;
  readonly #names: readonly Buffer[];

  constructor(labels: Labels) {
    this.labels = labels;
    this.#names = labels.names.map((name) => Buffer.from(name));
  }

  /** Makes the labels of a series out of those that are exposed, sorted; or says why there must not be such a series. */
  complete(exposed: LabelSetBuilder, settings: LabelSettings): ReadFailure | undefined {
    const invalid = problemOfNames(exposed, settings.nameScheme);
    if (invalid !== undefined) return new ReadFailure('invalid', invalid);
    if (settings.honorLabels) this.#fillGaps(exposed);
    else this.#overrule(exposed);
    exposed.sortNames();
    const problem = problemOfLimits(exposed, settings);
    return problem === undefined ? undefined : new ReadFailure('labels', problem);
  }

  /** An exposed label counts more, also an empty one. */
  #fillGaps(exposed: LabelSetBuilder): void {
    const { names, values } = this.labels;
    for (const [index, name] of this.#names.entries())
      if (exposed.find(name) < 0) exposed.addText(names[index] ?? '', values[index] ?? '');
  }

  /** An exposed label of the same name gets another name. */
  #overrule(exposed: LabelSetBuilder): void {
    const { names, values } = this.labels;
    const conflicts: number[] = [];
    for (const [index, name] of this.#names.entries()) {
      const at = exposed.find(name);
      if (at < 0) exposed.addText(names[index] ?? '', values[index] ?? '');
      else if (exposed.valueSizeOf(at) === 0) exposed.setValue(at, values[index] ?? '');
      else conflicts.push(at);
    }
    conflicts.sort((a, b) => exposed.nameSizeOf(a) - exposed.nameSizeOf(b));
    for (const at of conflicts) {
      const name = exposed.nameOf(at);
      let renamed = `exported_${name}`;
      while (this.#isTaken(exposed, renamed)) renamed = `exported_${renamed}`;
      const free = exposed.find(Buffer.from(renamed));
      // What was exposed as empty gives its name away.
      if (free >= 0) exposed.setValue(free, exposed.valueOf(at));
      else exposed.addText(renamed, exposed.valueOf(at));
      exposed.setValue(at, this.labels.get(name) ?? '');
    }
  }

  #isTaken(exposed: LabelSetBuilder, name: string): boolean {
    const at = exposed.find(Buffer.from(name));
    return at >= 0 && exposed.valueSizeOf(at) > 0;
  }
}

/** What is wrong with the names of an exposed series. */
function problemOfNames(exposed: LabelSetBuilder, scheme: NameScheme): string | undefined {
  const at = exposed.find(nameLabel);
  const metric = at < 0 ? '' : exposed.valueOf(at);
  if (metric === '') return 'a series has no name';
  if (scheme === 'legacy' && !legacyMetricName.test(metric)) return `invalid metric name ${shown(metric)}`;
  for (let index = 0; index < exposed.count; index++) {
    if (index === at) continue;
    const name = exposed.nameOf(index);
    if (name === '' || (scheme === 'legacy' && !legacyLabelName.test(name)))
      return `invalid label name ${shown(name)} of the metric ${shown(metric)}`;
  }
  return undefined;
}

/** What of a series goes beyond a limit. */
function problemOfLimits(labels: LabelSetBuilder, settings: LabelSettings): string | undefined {
  const { maxLabels, maxNameSize, maxValueSize } = settings;
  if (maxLabels === 0 && maxNameSize === 0 && maxValueSize === 0) return undefined;
  const metric = (): string => shown(labels.valueOf(labels.find(nameLabel)));
  let count = 0;
  for (let index = 0; index < labels.count; index++) {
    const size = labels.valueSizeOf(index);
    if (size === 0) continue;
    count++;
    const nameSize = labels.nameSizeOf(index);
    if (maxNameSize > 0 && nameSize > maxNameSize)
      return `label_name_length_limit exceeded (metric: ${metric()}, label name: ${shown(labels.nameOf(index))}, length: ${nameSize}, limit: ${maxNameSize})`;
    if (maxValueSize > 0 && size > maxValueSize)
      return `label_value_length_limit exceeded (metric: ${metric()}, label name: ${shown(labels.nameOf(index))}, value: ${shown(labels.valueOf(index))}, length: ${size}, limit: ${maxValueSize})`;
  }
  if (maxLabels === 0 || count <= maxLabels) return undefined;
  return `label_limit exceeded (metric: ${metric()}, number of labels: ${count}, limit: ${maxLabels})`;
}

/** The beginning of a text, quoted. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 50));
}
