import { endianness, hostname } from 'node:os';

/** What the library knows of the process and machine it runs on. */
export interface LibraryEnvironment {
  /** Looks up an environment variable. */
  variable(name: string): string | undefined;
  /** Empty if unknown. */
  readonly hostname: string;
  /** The system and architecture by the names that Go has for them, such as `linux` and `amd64`. */
  readonly os: string;
  readonly arch: string;
  /** With a leading `v`. */
  readonly version: string;
}

/** The real environment. The version may be empty if it is not known. */
export function processEnvironment(version: string): LibraryEnvironment {
  return {
    variable: (name) => process.env[name],
    hostname: hostnameOrEmpty(),
    os: goSystems.get(process.platform) ?? process.platform,
    arch: goArchitecture(),
    version: version === '' ? 'v0.0.0' : `v${version.replace(/^v/, '')}`,
  };
}

function hostnameOrEmpty(): string {
  try {
    return hostname();
  } catch {
    return '';
  }
}

// Only names that differ from those of Node.
const goSystems: ReadonlyMap<string, string> = new Map([
  ['win32', 'windows'],
  ['sunos', 'solaris'],
]);

const goArchitectures: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['ia32', '386'],
  ['mipsel', 'mipsle'],
]);

function goArchitecture(): string {
  if (process.arch === 'ppc64' && endianness() === 'LE') return 'ppc64le';
  return goArchitectures.get(process.arch) ?? process.arch;
}
