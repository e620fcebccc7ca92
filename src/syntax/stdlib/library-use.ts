import { isAllowed, type Stability } from '../../base/stability.ts';
import type { SyntaxCode } from '../codes.ts';
import type { Report } from '../diagnostic.ts';
import type { FunctionValue } from '../function-value.ts';
import type { Reference } from '../references.ts';
import { cover, type Span } from '../source.ts';
import { isObject, type Value } from '../value.ts';

/**
 * Reports references to library functions that are deprecated, and to those less stable than the given level. Names
 * that something in scope shadows are left alone.
 */
export function checkLibraryUse(
  references: readonly Reference[],
  library: ReadonlyMap<string, Value>,
  level: Stability,
  isShadowed: (name: string) => boolean,
  report: Report,
): void {
  for (const reference of references) {
    if (isShadowed(reference.names[0] ?? '')) continue;
    const use = functionUse(reference, library);
    if (use !== undefined) checkUse(use, level, report);
  }
}

interface FunctionUse {
  readonly target: FunctionValue;
  readonly span: Span;
}

/** The library function that a reference leads to, with the part of the reference that names it. */
function functionUse({ names, spans, span }: Reference, library: ReadonlyMap<string, Value>): FunctionUse | undefined {
  let value: Value | undefined = library;
  for (const [index, name] of names.entries()) {
    if (value === undefined || !isObject(value)) return undefined;
    value = value.get(name);
    if (typeof value === 'object' && value !== null && 'call' in value) {
      return { target: value, span: cover(spans[0] ?? span, spans[index] ?? span) };
    }
  }
  return undefined;
}

function checkUse({ target, span }: FunctionUse, level: Stability, report: Report): void {
  const { name, stability, replacedBy } = target;
  if (replacedBy !== undefined) {
    const code: SyntaxCode = 'value/deprecated-function';
    const message =
      'this stdlib function is deprecated; please refer to the documentation for updated usage and alternatives';
    report({ severity: 'warning', code, message, span, hint: `use ${replacedBy}` });
  }
  if (!isAllowed(stability, level)) {
    const code: SyntaxCode = 'value/stability';
    const message =
      `${name} is at stability level "${stability}", which is below the minimum allowed stability level "${level}". ` +
      `Use --stability.level command-line flag to enable "${stability}" features`;
    report({ severity: 'error', code, message, span });
  }
}
