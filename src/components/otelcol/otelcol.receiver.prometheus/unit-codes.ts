const codes: ReadonlyMap<string, string> = new Map([
  ['days', 'd'],
  ['hours', 'h'],
  ['minutes', 'min'],
  ['seconds', 's'],
  ['milliseconds', 'ms'],
  ['microseconds', 'us'],
  ['nanoseconds', 'ns'],
  ['bytes', 'By'],
  ['kibibytes', 'KiBy'],
  ['mebibytes', 'MiBy'],
  ['gibibytes', 'GiBy'],
  ['tibibytes', 'TiBy'],
  ['kilobytes', 'KBy'],
  ['megabytes', 'MBy'],
  ['gigabytes', 'GBy'],
  ['terabytes', 'TBy'],
  ['meters', 'm'],
  ['volts', 'V'],
  ['amperes', 'A'],
  ['joules', 'J'],
  ['watts', 'W'],
  ['grams', 'g'],
  ['celsius', 'Cel'],
  ['hertz', 'Hz'],
  ['ratio', '1'],
  ['percent', '%'],
]);

const perCodes: ReadonlyMap<string, string> = new Map([
  ['second', 's'],
  ['minute', 'm'],
  ['hour', 'h'],
  ['day', 'd'],
  ['week', 'w'],
  ['month', 'mo'],
  ['year', 'y'],
]);

/** The UCUM code of a unit that is spelled out, such as `By/s` for `bytes_per_second`; others stay as they are. */
export function unitCode(unit: string): string {
  const at = unit.indexOf('_per_');
  if (at < 0) return codes.get(unit) ?? unit;
  const [main, per] = [unit.slice(0, at), unit.slice(at + '_per_'.length)];
  return `${codes.get(main) ?? main}/${perCodes.get(per) ?? per}`;
}
