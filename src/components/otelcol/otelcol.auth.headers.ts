import { component } from '../../component/component.ts';
import { readSecret } from '../../net/credentials.ts';
import { HttpError } from '../../net/http-error.ts';
import { headerText } from '../../net/http-message.ts';
import { textSource } from '../../net/text-source.ts';
import { oneOf, secret, string } from '../../schema/attributes.ts';
import { blocks } from '../../schema/blocks.ts';
import type { OtlpClient } from '../../model/otlp-batch.ts';
import type { ArgumentsOf } from '../../schema/field.ts';
import { exportedAuthHandler, type AuthHandler, type AuthHeaders } from './auth-handler.ts';
import { debugMetricsBlock } from './debug-metrics-block.ts';
import { headerNameProblem } from './header-name.ts';

const headerFields = {
  key: string('The name of the header.').check(headerNameProblem),
  value: secret('The value.').optional(),
  from_context: string(
    'The metadata or header of the request that brought the telemetry whose value is taken; its receiver needs `include_metadata`.',
  ).optional(),
  from_attribute: string(
    'What is known of the sender of the telemetry, such as `username`, whose value is taken.',
  ).optional(),
  action: oneOf(
    'Whether the header is set only where it is not there, only where it is, in any case, or taken away.',
    'upsert',
    'insert',
    'update',
    'delete',
  ).default('upsert'),
};

type HeaderArgs = ArgumentsOf<typeof headerFields>;

export const otelcolAuthHeaders = component({
  name: 'otelcol.auth.headers',
  stability: 'generally-available',
  doc: `
Sets headers of requests, such as that for the tenant. Values may come from the request that brought the telemetry, as
long as nothing between has joined it with other telemetry. Where there is no such value the header is empty. It cannot
authenticate for servers.`,
  example: `
otelcol.auth.headers "tenant" {
  header {
    key          = "X-Scope-OrgID"
    from_context = "x-scope-orgid"
  }
}

otelcol.exporter.otlp "tempo" {
  client {
    endpoint = "tempo.example.com:4317"
    auth     = otelcol.auth.headers.tenant.handler
  }
}`,
  arguments: {
    header: blocks('A header. They are set in the order they are written.', headerFields).check(problemOf),
    debug_metrics: debugMetricsBlock,
  },
  exports: {
    handler: exportedAuthHandler('For `auth` of clients.'),
  },
  metrics: {},
  build({ id, args }) {
    const setters = args.header.map((header) => ({
      name: header.key.toLowerCase(),
      action: header.action,
      valueFor: valueOf(header),
    }));
    const handler: AuthHandler = {
      id,
      client: {
        async headersFor({ headers, client }) {
          const set: Record<string, string | string[] | undefined> = {};
          for (const { name, action, valueFor } of setters) {
            const isThere = (name in set ? set[name] : headers[name]) !== undefined;
            if (action === 'delete') set[name] = undefined;
            else if (action === 'upsert' || isThere === (action === 'update')) set[name] = await valueFor(client);
          }
          return set satisfies AuthHeaders;
        },
      },
      server: undefined,
    };
    return { exports: { handler } };
  },
});

function problemOf({ value, from_context: context, from_attribute: attribute }: HeaderArgs): string | undefined {
  const count = [value, context, attribute].filter((source) => source !== undefined).length;
  if (count === 0) return 'one of value, from_context, or from_attribute must be provided';
  return count > 1 ? 'only one of value, from_context, or from_attribute may be provided' : undefined;
}

type ValueFor = (client: OtlpClient | undefined) => Promise<string> | string;

function valueOf({ value, from_context: context, from_attribute: attribute }: HeaderArgs): ValueFor {
  if (context !== undefined) return (client) => metadataOf(client, context);
  if (attribute !== undefined) return (client) => headerText(client?.auth.get(attribute) ?? '');
  const source = textSource(value, '');
  return async () => headerText(await readSecret(source, 'value'));
}

function metadataOf(client: OtlpClient | undefined, name: string): string {
  const values = client?.metadata.get(name.toLowerCase()) ?? [];
  if (values.length > 1)
    throw new HttpError('credentials', `${values.length} values of ${name} came with the telemetry, want one`);
  return values[0] ?? '';
}
