import { component } from '../../component/component.ts';
import { readSecret } from '../../net/credentials.ts';
import { isSameText } from '../../net/same-text.ts';
import { textSource } from '../../net/text-source.ts';
import { secret, string } from '../../schema/attributes.ts';
import { AuthRefusal, exportedAuthHandler, type AuthHandler } from './auth-handler.ts';
import { debugMetricsBlock } from './debug-metrics-block.ts';
import { headerNameProblem } from './header-name.ts';

export const otelcolAuthBearer = component({
  name: 'otelcol.auth.bearer',
  stability: 'generally-available',
  doc: 'Authentication by a token: clients send it, and servers let in who sends it.',
  example: `
otelcol.auth.bearer "tempo" {
  token = sys.env("TEMPO_TOKEN")
}

otelcol.exporter.otlp "tempo" {
  client {
    endpoint = "tempo.example.com:4317"
    auth     = otelcol.auth.bearer.tempo.handler
  }
}`,
  arguments: {
    token: secret('The token, without white space around it.'),
    scheme: string('What stands before the token; the token stands alone if it is empty.').default('Bearer'),
    header: string('The header or metadata that has the token.').default('Authorization').check(headerNameProblem),
    debug_metrics: debugMetricsBlock,
  },
  exports: {
    handler: exportedAuthHandler('For `auth` of clients and servers.'),
  },
  metrics: {},
  build({ id, args }) {
    const source = textSource(args.token, '');
    const header = args.header.toLowerCase();
    const value = async (): Promise<string> => `${args.scheme} ${await readSecret(source, 'token')}`.trim();
    const handler: AuthHandler = {
      id,
      client: { headersFor: async () => ({ [header]: await value() }) },
      server: {
        async authenticate(headers) {
          const given = [headers[header]].flat()[0];
          if (given === undefined) return new AuthRefusal(`missing or empty authorization header: ${args.header}`);
          return isSameText(given, await value()) ? new Map() : new AuthRefusal('scheme or token does not match');
        },
      },
    };
    return { exports: { handler } };
  },
});
