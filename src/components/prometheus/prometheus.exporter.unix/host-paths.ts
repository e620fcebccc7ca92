import path from 'node:path';

export interface HostFolders {
  readonly procfs: string;
  readonly sysfs: string;
  readonly rootfs: string;
  readonly udevData: string;
}

/** Where the files of the host are, which may be mounted elsewhere when the program runs in a container. */
export class HostPaths {
  readonly #folders: HostFolders;
  readonly #proc: string;
  readonly #sys: string;

  constructor(folders: HostFolders) {
    this.#folders = folders;
    this.#proc = prefixOf(folders.procfs);
    this.#sys = prefixOf(folders.sysfs);
  }

  /** A path below `/proc`. */
  proc(name: string): string {
    return this.#proc + name;
  }

  /** A path below `/sys`. */
  sys(name: string): string {
    return this.#sys + name;
  }

  /** A path of the host. */
  root(name: string): string {
    return path.join(this.#folders.rootfs, name);
  }

  udevData(name: string): string {
    return path.join(this.#folders.udevData, name);
  }

  /** A path as the host itself names it. */
  onHost(seen: string): string {
    const root = this.#folders.rootfs.replace(/\/+$/, '');
    if (root === '' || (seen !== root && !seen.startsWith(`${root}/`))) return seen;
    return seen.slice(root.length) || '/';
  }
}

/** What stands before the names below a folder. */
function prefixOf(folder: string): string {
  return path.join(folder, '_').slice(0, -1);
}
