import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate authority with the `openssl` program, and certificates that come from it. All are valid for a day. */
export class CertificateAuthority {
  readonly cert: string;
  readonly #key: string;

  constructor(name: string) {
    const { cert, key } = inFolder((folder) => {
      openssl(folder, `req -x509 ${newKey} -keyout key -out cert -days 1`, '-subj', `/CN=${name}`);
      return readPair(folder);
    });
    this.cert = cert;
    this.#key = key;
  }

  /** A certificate for hosts such as `DNS:localhost` or `IP:127.0.0.1`; for both sides of a connection. */
  issue(name: string, ...hosts: readonly string[]): KeyPair {
    return inFolder((folder) => {
      writeFileSync(path.join(folder, 'ca-cert'), this.cert);
      writeFileSync(path.join(folder, 'ca-key'), this.#key);
      writeFileSync(path.join(folder, 'extensions'), hosts.length === 0 ? '' : `subjectAltName=${hosts.join(',')}`);
      openssl(folder, `req ${newKey} -keyout key -out request`, '-subj', `/CN=${name}`);
      openssl(
        folder,
        'x509 -req -in request -out cert -days 1 -CA ca-cert -CAkey ca-key -CAcreateserial -extfile extensions',
      );
      return readPair(folder);
    });
  }
}

const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';

/** The command is split at blanks; what holds blanks follows it. */
function openssl(folder: string, command: string, ...more: readonly string[]): void {
  execFileSync('openssl', [...command.split(' '), ...more], { cwd: folder, stdio: 'pipe' });
}

function readPair(folder: string): KeyPair {
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  return { cert: read('cert'), key: read('key') };
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'certificates-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
