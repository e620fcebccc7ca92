import { boolFlag, choiceFlag, durationFlag, integerFlag, textFlag } from './flags.ts';

/*
 * All flags of all commands: the parser, the checks and the help text read them here. What Alloy has and this program
 * has not is here too, so that a command line that does not make use of it works unchanged.
 */

const help = { help: boolFlag(false, 'Show this help.', { short: 'h' }) };

const unsupported = { isUnsupported: true };

/** Flags of everything that reads a configuration. */
const configFlags = {
  'config.format': choiceFlag(
    ['alloy', 'otelcol', 'prometheus', 'promtail', 'static'],
    'alloy',
    'The format of the configuration.',
    unsupported,
  ),
  'config.bypass-conversion-errors': boolFlag(false, 'Go on after errors of a conversion.', unsupported),
  'config.extra-args': textFlag('', 'Arguments for a conversion.', unsupported),
  'stability.level': choiceFlag(
    ['generally-available', 'public-preview', 'experimental'],
    'generally-available',
    'The lowest stability of features that may be used.',
  ),
  'feature.community-components.enabled': boolFlag(false, 'Allow community components.', unsupported),
};

export const runFlags = {
  ...help,
  'server.http.listen-addr': textFlag('127.0.0.1:12345', 'Where the HTTP API listens.'),
  'server.http.memory-addr': textFlag(
    'alloy.internal:12345',
    'The address by which components reach the API without a network.',
  ),
  'server.http.ui-path-prefix': textFlag('/', 'The path under which the web API is.'),
  'server.http.enable-pprof': boolFlag(true, 'Has no effect: there are no Go profiles.'),
  'server.http.disable-support-bundle': boolFlag(false, 'Has no effect: there is no support bundle.'),
  'server.http.enable-graphql': boolFlag(false, 'Serve the GraphQL API.', unsupported),
  'server.http.enable-graphql-playground': boolFlag(false, 'Serve the GraphQL playground.', unsupported),
  'storage.path': textFlag('data-alloy/', 'The folder for what must survive a restart.'),
  'disable-reporting': boolFlag(false, 'Has no effect: nothing is ever reported.'),
  ...configFlags,
  'cluster.enabled': boolFlag(false, 'Form a cluster with others.', unsupported),
  'cluster.node-name': textFlag('', 'The name of this member of the cluster; the host name if empty.'),
  'cluster.advertise-address': textFlag('', 'The address for other members.', unsupported),
  'cluster.advertise-interfaces': textFlag('eth0,en0', 'Interfaces to find that address.', unsupported),
  'cluster.join-addresses': textFlag('', 'Members to join.', unsupported),
  'cluster.discover-peers': textFlag('', 'How to find members to join.', unsupported),
  'cluster.rejoin-interval': durationFlag(60_000, 'How often to join again.', unsupported),
  'cluster.max-join-peers': integerFlag(5, 'How many members to join.', unsupported),
  'cluster.name': textFlag('', 'The name of the cluster.', unsupported),
  'cluster.enable-tls': boolFlag(false, 'Speak TLS with other members.', unsupported),
  'cluster.tls-ca-path': textFlag('', 'The authority of the members.', unsupported),
  'cluster.tls-cert-path': textFlag('', 'The certificate for other members.', unsupported),
  'cluster.tls-key-path': textFlag('', 'The key of that certificate.', unsupported),
  'cluster.tls-server-name': textFlag('', 'The name in the certificates of members.', unsupported),
  'cluster.wait-for-size': integerFlag(0, 'Members to wait for.', unsupported),
  'cluster.wait-timeout': durationFlag(0, 'How long to wait for them.', unsupported),
  'cluster.use-discovery-v1': boolFlag(false, '', { deprecated: 'it has no effect' }),
  'feature.component-shutdown-deadline': durationFlag(
    600_000,
    'How long components may take to stop; more than 19 seconds count as that.',
  ),
  'feature.prometheus.direct-fanout.enabled': boolFlag(false, 'Has no effect: fan-out is always direct.', {
    stability: 'experimental',
  }),
  'feature.prometheus.metric-validation-scheme': textFlag('', '', { deprecated: 'it has no effect' }),
  'windows.priority': choiceFlag(
    ['above_normal', 'below_normal', 'high', 'idle', 'normal', 'realtime'],
    'normal',
    'The priority of the process on Windows.',
    unsupported,
  ),
};

export const validateFlags = { ...help, ...configFlags };

export const fmtFlags = {
  ...help,
  write: boolFlag(false, 'Write the result into the file.', { short: 'w' }),
  test: boolFlag(false, 'Print nothing, and fail if the file is not formatted.', { short: 't' }),
};

export const topFlags = {
  ...help,
  version: boolFlag(false, 'Show the version.', { short: 'v' }),
};
