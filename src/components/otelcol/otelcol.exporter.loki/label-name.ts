/**
 * The label name for the name of an attribute, by the rules of Prometheus: what is no letter and no digit becomes an
 * underscore, and names do not begin with a digit or a single underscore. Letters beyond ASCII become underscores too,
 * since Loki would refuse the whole push request for one.
 */
export function labelName(attribute: string): string {
  const name = attribute.replaceAll(/[^a-zA-Z0-9]/gu, '_');
  if (/^[0-9]/.test(name)) return `key_${name}`;
  return name.startsWith('_') && !name.startsWith('__') ? `key${name}` : name;
}
