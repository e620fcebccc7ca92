/** Waits for those of several things that have to be waited for; undefined if there are none. */
export function allOf(waiting: readonly (Promise<void> | undefined)[]): Promise<void> | undefined {
  const all = waiting.filter((one) => one !== undefined);
  return all.length === 0 ? undefined : Promise.all(all).then(() => undefined);
}
