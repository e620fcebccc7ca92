import { realFiles, type FileHandle, type FileSystem } from './file-system.ts';

/** Is told what is done with the files of a log, for metrics. */
export interface LogFileObserver {
  /** The file with this number is written from now on. */
  began(segment: number): void;
  wrote(bytes: number): void;
  /** How long it took until what was written was on the disk. */
  synced(seconds: number): void;
  /** A file is needed no more; whether it could be removed. */
  removed(isGone: boolean): void;
}

const logFile = /(?:^|[\\/])(\d+)\.log$/;

/** File operations that tell of the files of a log to whoever observes them then. */
export function observedFiles(observer: () => LogFileObserver, files: FileSystem = realFiles): FileSystem {
  return {
    ...files,
    async open(file, flags, mode) {
      const handle = await files.open(file, flags, mode);
      const number = logFile.exec(String(file))?.[1];
      if (number === undefined || flags === 'r' || flags === 'r+') return handle;
      observer().began(Number(number));
      return observed(handle, observer);
    },
    async unlink(file) {
      let isGone = false;
      try {
        await files.unlink(file);
        isGone = true;
      } finally {
        if (logFile.test(String(file))) observer().removed(isGone);
      }
    },
  };
}

function observed(handle: FileHandle, observer: () => LogFileObserver): FileHandle {
  const writev = handle.writev.bind(handle);
  const datasync = handle.datasync.bind(handle);
  return Object.assign(handle, {
    async writev(...args: Parameters<typeof writev>) {
      const result = await writev(...args);
      observer().wrote(result.bytesWritten);
      return result;
    },
    async datasync() {
      const start = performance.now();
      await datasync();
      observer().synced((performance.now() - start) / 1000);
    },
  });
}
