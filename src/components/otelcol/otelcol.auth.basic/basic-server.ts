import { messageOf } from '../../../base/message-of.ts';
import { readBasicCredentials } from '../../../net/basic-credentials.ts';
import type { PasswordFile } from '../../../net/htpasswd/password-file.ts';
import type { PasswordSource } from '../../../net/htpasswd/password-source.ts';
import { AuthRefusal, type ServerAuth } from '../auth-handler.ts';

/** Lets those in whom a password file has. `tell` gets what is wrong with the file, or nothing. */
export function basicServer(passwords: PasswordSource, tell: (problem: string) => void): ServerAuth {
  const current = async (): Promise<PasswordFile> => {
    try {
      return await passwords.read();
    } catch (error) {
      tell(messageOf(error));
      return passwords.last;
    }
  };
  return {
    async authenticate({ authorization }) {
      const credentials = readBasicCredentials(authorization);
      if (typeof credentials === 'string') return new AuthRefusal(credentials);
      const { username, password, encoded } = credentials;
      const isAccepted = await (await current()).accepts(username, password);
      if (!isAccepted) return new AuthRefusal('invalid credentials');
      return new Map([
        ['username', username],
        ['raw', encoded],
      ]);
    },
  };
}
