import { Doorbell, repeat } from '../../base/doorbell.ts';
import { messageOf } from '../../base/message-of.ts';
import { component } from '../../component/component.ts';
import { readSecret } from '../../net/credentials.ts';
import { basicHeader } from '../../net/proxy.ts';
import { secret, string } from '../../schema/attributes.ts';
import { block } from '../../schema/blocks.ts';
import { exportedAuthHandler } from './auth-handler.ts';
import { debugMetricsBlock } from './debug-metrics-block.ts';
import { basicServer } from './otelcol.auth.basic/basic-server.ts';
import { clientSources, isGiven, passwordSources } from './otelcol.auth.basic/sources.ts';

/** How often it is seen whether files can be read, for the health; what is in them counts at once. */
const checkPeriod = 60_000;

export const otelcolAuthBasic = component({
  name: 'otelcol.auth.basic',
  stability: 'generally-available',
  doc: `
Basic authentication: clients send a username and a password, and servers let those in who are in a password file of
Apache. Files are read again when they change. Of a password file that cannot be read the last content counts.`,
  example: `
otelcol.auth.basic "tempo" {
  client_auth {
    username      = "collector"
    password_file = "/var/run/secrets/tempo-password"
  }
}

otelcol.exporter.otlp "tempo" {
  client {
    endpoint = "tempo.example.com:4317"
    auth     = otelcol.auth.basic.tempo.handler
  }
}`,
  arguments: {
    username: string(
      'The username for clients, and one that servers let in. Use `client_auth` or `htpasswd` instead.',
    ).default(''),
    password: secret('The password of that user.').optional(),
    client_auth: block('What clients send.', {
      username: string('The username.').default(''),
      username_file: string('A file with the username, which counts more.').default(''),
      password: secret('The password.').optional(),
      password_file: string('A file with the password, which counts more.').default(''),
    }).optional(),
    htpasswd: block(
      'Who is let in by servers: lines `user:password`, with the password as the htpasswd of Apache writes it. It knows bcrypt, MD5, SHA-1, SHA crypt and plain text.',
      {
        file: string('A file with such lines.').default(''),
        inline: secret('Such lines, which count more than those of the file.').optional(),
      },
    )
      .check(({ file, inline }) => (file === '' && !isGiven(inline) ? 'must have file or inline' : undefined))
      .optional(),
    debug_metrics: debugMetricsBlock,
  },
  exports: {
    handler: exportedAuthHandler('For `auth` of clients and servers.'),
  },
  metrics: {},
  check({ username, password, client_auth: client, htpasswd }) {
    if (username !== '' && !isGiven(password)) return 'password must be given with username';
    if (username.includes(':') || client?.username.includes(':') === true) return 'username must not have a colon';
    if (username === '' && client === undefined && htpasswd === undefined)
      return 'no credentials are given: client_auth or htpasswd is needed';
    return undefined;
  },
  build({ id, args, log, health }) {
    const client = clientSources(args);
    const passwords = passwordSources(args, (problem) => log.warn('password file has bad lines', { problem }));
    let lastProblem = '';
    const tell = (problem: string): void => {
      if (problem === lastProblem) return;
      lastProblem = problem;
      if (problem === '') health('healthy', 'read credentials');
      else {
        health('unhealthy', problem);
        log.error('cannot read credentials', { error: problem });
      }
    };
    const readCredentials = async (): Promise<string> => {
      const username = await readSecret(client?.username, 'username_file');
      return basicHeader(username, await readSecret(client?.password, 'password_file'));
    };
    const check = async (): Promise<void> => {
      try {
        await readCredentials();
        await passwords?.read();
        tell('');
      } catch (error) {
        tell(messageOf(error));
      }
    };
    const handler = {
      id,
      client: client && { headersFor: async () => ({ authorization: await readCredentials() }) },
      server: passwords && basicServer(passwords, tell),
    };
    return {
      exports: { handler },
      run: (signal) => repeat(new Doorbell(), signal, () => checkPeriod, check),
    };
  },
});
