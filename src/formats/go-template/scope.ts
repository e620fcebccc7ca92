import type { Operand, Place } from './ast.ts';
import type { FunctionTable } from './template-function.ts';

/** What compiling a template finds out about it, and what it may use. */
export interface Scope {
  readonly source: string;
  readonly functions: FunctionTable;
  readonly uses: DataUse;
  /** Whether the dot is the data of the template here. */
  readonly isDotData: boolean;
  /** Whether `$` is. */
  readonly isDollarData: boolean;
}

/** Which part of its data a template reads. */
export class DataUse {
  readonly fields = new Set<string>();
  /** Whether it uses the data as a whole. */
  isWhole = false;
}

export function excerpt({ source }: Scope, { start, end }: Place): string {
  return source.slice(start, end);
}

/** Whether an operand is the data of the template as a whole. */
export function isData(operand: Operand | undefined, { isDotData, isDollarData }: Scope): boolean {
  if (operand?.kind === 'dot') return isDotData;
  return operand?.kind === 'variable' && operand.number === 0 && operand.path.length === 0 && isDollarData;
}
