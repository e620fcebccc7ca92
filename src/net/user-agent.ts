const deployModes: ReadonlySet<string> = new Set(['operator', 'helm', 'docker', 'deb', 'rpm', 'brew']);

/** What the program calls itself in requests: `Millrace/v1.2.3 (linux; helm)`. */
export function userAgent(version: string, variables: Readonly<Record<string, string | undefined>>): string {
  const given = variables.ALLOY_DEPLOY_MODE ?? '';
  const mode = deployModes.has(given) ? given : 'binary';
  return `Millrace/${version} (${process.platform}; ${mode})`;
}
