import { createHash } from 'node:crypto';
import { component } from '../../component/component.ts';
import { fanout } from '../../flow/fanout.ts';
import { withValidText } from '../../formats/loki-push/valid-text.ts';
import { logs } from '../../model/signal.ts';
import { checkHttpClient } from '../../net/http-client-fields.ts';
import { integer, map } from '../../schema/attributes.ts';
import { input } from '../../schema/exports.ts';
import { stringType } from '../../schema/types.ts';
import { Secret } from '../../syntax/secret.ts';
import { Destinations } from './loki.write/destinations.ts';
import { Endpoint } from './loki.write/endpoint.ts';
import { endpointBlocks, walBlock, type EndpointArgs } from './loki.write/fields.ts';
import { writeMetrics } from './loki.write/metrics.ts';

export const lokiWrite = component({
  name: 'loki.write',
  stability: 'generally-available',
  doc: `
Pushes log entries to Loki, or to whatever takes its push requests. Entries are collected into requests, which are sent
in order. A request that fails is sent again, with growing waits, until it is delivered; it is dropped if the server
says that it is wrong, or after \`max_backoff_retries\` attempts if that is set, and what is dropped is counted with the
reason. While requests cannot be sent, senders wait.

Entries are acknowledged when every endpoint has answered for them. The label \`__tenant_id__\` chooses the tenant of an
entry; labels that begin with two underscores are not sent.`,
  example: `
loki.write "main" {
  endpoint {
    url = "http://loki:3100/loki/api/v1/push"

    basic_auth {
      username = "collector"
      password = sys.env("LOKI_PASSWORD")
    }
  }

  external_labels = {cluster = "eu-1"}
}`,
  arguments: {
    endpoint: endpointBlocks,
    external_labels: map('Labels for all entries. Labels of entries win over them.', stringType).default(new Map()),
    max_streams: integer(
      'How many streams a request may have; entries of further ones are dropped. 0 for any number.',
    ).default(0),
    wal: walBlock,
  },
  exports: {
    receiver: input('Takes the entries to push.', logs),
  },
  metrics: writeMetrics,
  check({ endpoint, wal }) {
    if (endpoint.length === 0) return 'at least one endpoint config must be provided';
    if (wal?.enabled === true) return 'the wal block cannot be enabled yet';
    const problem = endpoint.map(checkHttpClient).find((found) => found !== undefined);
    if (problem !== undefined) return problem;
    const names = endpoint.map(nameOf);
    const repeated = names.find((name, index) => names.indexOf(name) < index);
    if (repeated === undefined) return undefined;
    return `duplicate endpoint configs are not allowed, found duplicate for name: ${repeated}`;
  },
  build({ args, log, metrics, program }) {
    const destinations = new Destinations(args.external_labels);
    const context = { destinations, maxStreams: args.max_streams, metrics, program, log };
    const endpoints = args.endpoint.map((endpoint) => new Endpoint(endpoint, context));
    const all = fanout(endpoints);
    let hasRun = false;
    const run = async (signal: AbortSignal): Promise<void> => {
      hasRun = true;
      await Promise.all(endpoints.map((endpoint) => endpoint.run(signal)));
    };
    return {
      exports: { receiver: { consume: (batch, delivery) => all.consume(withValidText(batch), delivery) } },
      run,
      async close() {
        // Entries may have come to an instance that was replaced before its predecessor let it run.
        if (!hasRun) await run(AbortSignal.abort());
      },
    };
  },
});

/** The name of an endpoint: the one it is given, or one made from its arguments. */
function nameOf(endpoint: EndpointArgs): string {
  if (endpoint.name !== '') return endpoint.name;
  const text = JSON.stringify(endpoint, function (this: Readonly<Record<string, unknown>>, key, value: unknown) {
    // Secrets hide themselves before they get here, and yet tell endpoints apart.
    const original = this[key];
    if (original instanceof Secret) return original.reveal();
    return value instanceof Map ? [...value] : value;
  });
  return createHash('sha256').update(text).digest('hex').slice(0, 6);
}
