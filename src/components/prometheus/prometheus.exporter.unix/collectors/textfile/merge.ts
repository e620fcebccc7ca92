import { labelText } from '../../../../../formats/prometheus-text/encode.ts';
import type { FamilyDocument } from '../../../../../formats/prometheus-text/family-document.ts';
import { writeSeries } from '../../../../../formats/prometheus-text/write-series.ts';
import type { Samples } from '../../samples.ts';
import type { TextFile } from './text-files.ts';

/**
 * Adds the families of all files; those of one name become one, whose series all get the same labels. What is left out
 * because it says something else about a family than the file before is told.
 */
export function addMerged(samples: Samples, files: readonly TextFile[]): readonly string[] {
  const problems: string[] = [];
  const found = files.flatMap(({ path, families }) => families.map((family) => ({ path, family })));
  for (const [name, all] of Map.groupBy(found, ({ family }) => family.name)) {
    const { kind } = all[0]?.family ?? {};
    const given = all.find(({ family }) => family.help !== undefined)?.family.help;
    const parts: FamilyDocument[] = [];
    for (const { path, family } of all) {
      if (family.kind !== kind) problems.push(`${path}: ${name} has another type than in the file before`);
      else if (family.help !== undefined && family.help !== given)
        problems.push(`${path}: ${name} has another help text than in the file before`);
      else parts.push(family);
    }
    const help = given ?? `Metric read from ${all.map(({ path }) => path).join(', ')}`;
    addFamily(samples, parts, help);
  }
  return problems;
}

function addFamily(samples: Samples, parts: readonly FamilyDocument[], help: string): void {
  const series = parts.flatMap((family) => family.series);
  const names = [...new Set(series.flatMap(({ labels }) => labels.map(([name]) => name)))].toSorted();
  for (const { name, kind, series: own } of parts) {
    for (const one of own) {
      const values = new Map(one.labels);
      const labels = names.map((label) => [label, values.get(label) ?? ''] as const);
      samples.addSeries({ name, kind, help }, labelText(labels), writeSeries({ name, kind }, { ...one, labels }));
    }
  }
}
