/** What was thrown, as text for messages. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : `${thrown as string}`;
}
