/** Where a node stands in the template, for messages. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export type Statement = Text | Action | Condition | Range | Invocation | Jump;
export type Operand = Literal | NumberLiteral | Nil | Dot | Field | Variable | FunctionName | Chain | Pipeline;

export interface Text {
  readonly kind: 'text';
  readonly text: string;
}

/** `{{ pipeline }}` */
export interface Action extends Place {
  readonly kind: 'action';
  readonly pipeline: Pipeline;
}

/** `{{ if pipeline }}` or `{{ with pipeline }}` */
export interface Condition {
  readonly kind: 'if' | 'with';
  readonly pipeline: Pipeline;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}

export interface Range extends Place {
  readonly kind: 'range';
  readonly pipeline: Pipeline;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}

/** `{{ template "name" pipeline }}` */
export interface Invocation extends Place {
  readonly kind: 'template';
  readonly name: string;
  readonly pipeline: Pipeline | undefined;
}

export interface Jump {
  readonly kind: 'break' | 'continue';
}

/** `$x := command | command` */
export interface Pipeline extends Place {
  readonly kind: 'pipeline';
  /** The numbers of the variables it sets, at most two. */
  readonly variables: readonly number[];
  /** Whether the variables were there before. */
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
}

/** A function or method with its arguments, or one operand. */
export interface Command extends Place {
  readonly operands: readonly [Operand, ...Operand[]];
}

export interface Literal extends Place {
  readonly kind: 'literal';
  readonly value: string | boolean;
}

/** A constant, in the forms that it can take. */
export interface NumberLiteral extends Place {
  readonly kind: 'number';
  readonly integer: bigint | undefined;
  readonly float: number;
  /** Whether it is a float where nothing says what it has to be. */
  readonly isFloat: boolean;
}

export interface Nil extends Place {
  readonly kind: 'nil';
}

export interface Dot extends Place {
  readonly kind: 'dot';
}

/** `.a.b` */
export interface Field extends Place {
  readonly kind: 'field';
  readonly path: readonly [string, ...string[]];
}

/** `$x.a.b` */
export interface Variable extends Place {
  readonly kind: 'variable';
  /** Its place in the frame of the template; 0 is `$`. */
  readonly number: number;
  readonly path: readonly string[];
}

export interface FunctionName extends Place {
  readonly kind: 'function';
  readonly name: string;
}

/** `(pipeline).a.b` */
export interface Chain extends Place {
  readonly kind: 'chain';
  readonly operand: Pipeline | FunctionName;
  readonly path: readonly [string, ...string[]];
}

/** A template by itself, or one that another one defines. */
export interface Tree {
  readonly statements: readonly Statement[];
  /** How deep its statements and pipelines are nested. */
  readonly nesting: number;
}
