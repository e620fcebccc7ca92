import type { Consumer } from '../flow/delivery.ts';
import type { Signal } from '../model/signal.ts';
import type { ValueType } from './value-type.ts';

/** What a component offers to the expressions of others. */
export type ExportField<T> = InputExport<T> | ValueExport<T>;

/** A receiver: the runtime puts a counted, tappable, swappable port before the consumer of the instance. */
export interface InputExport<B> {
  readonly kind: 'input';
  readonly doc: string;
  readonly signal: Signal<B>;
}

/** A value, which may change while the component runs. */
export interface ValueExport<T> {
  readonly kind: 'value';
  readonly doc: string;
  readonly type: ValueType<T>;
}

export type ExportFields = Readonly<Record<string, ExportField<unknown>>>;

/** What an instance gives for its exports: a consumer for each input, a value for everything else. */
export type ExportsOf<E> = {
  readonly [K in keyof E]: E[K] extends InputExport<infer B>
    ? Consumer<B>
    : E[K] extends ValueExport<infer T>
      ? T
      : never;
};

export function input<B>(doc: string, signal: Signal<B>): InputExport<B> {
  return { kind: 'input', doc, signal };
}

export function exported<T>(doc: string, type: ValueType<T>): ValueExport<T> {
  return { kind: 'value', doc, type };
}
