/** What is wrong with the name of a header, for the rule of an attribute. */
export function headerNameProblem(name: string): string | undefined {
  if (name === '') return 'must be set to a non-empty string';
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)
    ? undefined
    : `must be the name of a header, got ${JSON.stringify(name)}`;
}
