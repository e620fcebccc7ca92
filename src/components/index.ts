import type { ComponentSpec } from '../component/component.ts';

/** The catalogue, sorted by name. */
const catalogue: readonly ComponentSpec[] = [];

/** Every built-in component by its name. */
export const components: ReadonlyMap<string, ComponentSpec> = new Map(catalogue.map((spec) => [spec.name, spec]));
