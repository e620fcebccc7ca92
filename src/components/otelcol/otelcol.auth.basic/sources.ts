import { PasswordSource } from '../../../net/htpasswd/password-source.ts';
import { textSource, type TextSource } from '../../../net/text-source.ts';
import type { Secret } from '../../../syntax/secret.ts';

interface BasicArgs {
  readonly username: string;
  readonly password: Secret | undefined;
  readonly client_auth:
    | {
        readonly username: string;
        readonly username_file: string;
        readonly password: Secret | undefined;
        readonly password_file: string;
      }
    | undefined;
  readonly htpasswd: { readonly file: string; readonly inline: Secret | undefined } | undefined;
}

interface ClientSources {
  readonly username: TextSource | undefined;
  readonly password: TextSource | undefined;
}

/** What clients send; undefined if they have nothing. */
export function clientSources({ username, password, client_auth: client }: BasicArgs): ClientSources | undefined {
  if (client !== undefined) {
    return {
      username: fileOrText(client.username_file, client.username),
      password: fileOrText(client.password_file, client.password),
    };
  }
  return username === '' ? undefined : { username: textSource(username, ''), password: textSource(password, '') };
}

/** Who is let in; undefined if nobody is named. */
export function passwordSources(
  { username, password, htpasswd }: BasicArgs,
  problem: (message: string) => void,
): PasswordSource | undefined {
  const own = textSource(password, '');
  const line = username !== '' && own !== undefined && { read: async () => `${username}:${await own.read()}` };
  const sources = [textSource(undefined, htpasswd?.file ?? ''), textSource(htpasswd?.inline, ''), line || undefined];
  const given = sources.filter((source) => source !== undefined);
  return given.length === 0 ? undefined : new PasswordSource(given, problem);
}

export function isGiven(text: Secret | undefined): text is Secret {
  return textSource(text, '') !== undefined;
}

function fileOrText(file: string, text: Secret | string | undefined): TextSource | undefined {
  return file === '' ? textSource(text, '') : textSource(undefined, file);
}
