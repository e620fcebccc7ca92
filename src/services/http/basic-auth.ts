import { createHash, timingSafeEqual } from 'node:crypto';
import { basicHeader } from '../../net/proxy.ts';
import type { Secret } from '../../syntax/secret.ts';

export interface AuthSettings {
  readonly username: string;
  readonly password: Secret;
  /** Paths that begin with one of these are protected, or all others; without any, all are. */
  readonly paths: readonly string[];
  readonly protectsMatchingPaths: boolean;
}

/** Whether a request for a path may go on, by the value of its Authorization header. */
export function authorizer(settings: AuthSettings): (path: string, header: string | undefined) => boolean {
  const { username, password, paths, protectsMatchingPaths } = settings;
  const expected = digest(credentialsIn(basicHeader(username, password.reveal())));
  return (path, header) => {
    const isMatch = paths.some((prefix) => path.startsWith(prefix));
    if (paths.length > 0 && isMatch !== protectsMatchingPaths) return true;
    return header !== undefined && timingSafeEqual(digest(credentialsIn(header)), expected);
  };
}

/** The scheme of a header has no case, and padding may be left out; what it encodes counts. */
function credentialsIn(header: string): string {
  const [, encoded] = /^basic +(\S+)$/i.exec(header) ?? [];
  return encoded === undefined ? '' : `:${Buffer.from(encoded, 'base64').toString('latin1')}`;
}

/** Texts of any length become of one length, so that comparing them takes the same time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
