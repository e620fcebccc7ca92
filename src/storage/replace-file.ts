import path from 'node:path';
import type { FileSystem } from './file-system.ts';

/** Writes a file so that after a crash it is either the old or the new one. Makes the folder if it is not there. */
export async function replaceFile(file: string, text: string, files: FileSystem): Promise<void> {
  await files.mkdir(path.dirname(file), { recursive: true, mode: 0o750 });
  const temporary = `${file}.tmp`;
  const handle = await files.open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await files.rename(temporary, file);
}
