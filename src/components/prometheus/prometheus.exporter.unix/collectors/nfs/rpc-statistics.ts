import { linesOf, wantNumber, wordsOf } from '../../words.ts';

/** The rows of a file in `/proc/net/rpc`, by their first word. */
export function rpcRows(text: string): ReadonlyMap<string, readonly number[]> {
  return new Map(
    linesOf(text).map((line) => {
      const [name = '', ...words] = wordsOf(line);
      return [name, words.map((word) => wantNumber(word))];
    }),
  );
}

/** The numbers of operations in a row that begins with how many there are; those that a kernel does not know are 0. */
export function operationsIn(
  row: readonly number[] | undefined,
  operations: readonly (string | undefined)[],
): readonly (readonly [method: string, value: number])[] {
  if (row === undefined) return [];
  return operations.flatMap((method, index) => (method === undefined ? [] : [[method, row[index + 1] ?? 0] as const]));
}
