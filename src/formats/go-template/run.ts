import type { Place } from './ast.ts';
import type { Dict, Value } from './value.ts';

/** One execution of a template. There is one object for all executions of it. */
export interface Run {
  readonly data: Dict;
  output: string;
  /** The variables of the template that runs now. */
  frame: Value[];
  /** How deep templates have called each other, counted with their nesting. */
  depth: number;
  /** The name of the template that runs now. */
  name: string;
  /** The function call that was begun last. */
  call: { readonly name: string; readonly place: Place };
}

/** Computes a value. `piped` is what the command before it in the pipeline has computed. */
export type Expression = (run: Run, dot: Value, piped: Value) => Value;

/** How a list of statements goes on. */
export type Flow = (typeof flow)[keyof typeof flow];
export const flow = { next: 0, break: 1, continue: 2 } as const;

export type Execution = (run: Run, dot: Value) => Flow;

/** Ends an execution with an error of the template itself. It is thrown for every bad line, so it has no stack. */
export class ExecutionFailure {
  readonly message: string;
  readonly place: Place;

  constructor(message: string, place: Place) {
    this.message = message;
    this.place = place;
  }
}

export function fail(place: Place, message: string): never {
  throw new ExecutionFailure(message, place);
}
