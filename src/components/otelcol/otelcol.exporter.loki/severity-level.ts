const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** The level for a severity number of OTLP: four numbers have one level. Empty if there is none. */
export function severityLevel(severity: number): string {
  const level = levels[Math.floor((severity - 1) / 4)];
  if (level === undefined) return '';
  const step = (severity - 1) % 4;
  return step === 0 ? level : `${level}${step + 1}`;
}
