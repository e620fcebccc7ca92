import { open } from 'node:fs/promises';
import path from 'node:path';
import { Doorbell, repeat } from '../../base/doorbell.ts';
import { messageOf } from '../../base/message-of.ts';
import { component } from '../../component/component.ts';
import { DirectoryWatch } from '../../files/directory-watch.ts';
import { bool, duration, oneOf, string } from '../../schema/attributes.ts';
import { exported } from '../../schema/exports.ts';
import type { ValueType } from '../../schema/value-type.ts';
import { Secret } from '../../syntax/secret.ts';

/** Larger files are hardly meant for a configuration. */
const maxBytes = 64 * 1024 * 1024;

const contentType: ValueType<string | Secret> = {
  name: 'string | secret',
  jsonSchema: { type: 'string' },
  zero: '',
  decode: (value, at) =>
    typeof value === 'string' || value instanceof Secret ? value : at.fail('should be string or secret'),
  encode: (content) => content,
};

export const localFile = component({
  name: 'local.file',
  stability: 'generally-available',
  doc: `
Exports the content of a file, and exports it anew when the file changes. The configuration loads only if the file can
be read. A file that cannot be read later leaves the last content in place.`,
  example: `
local.file "token" {
  filename  = "/var/run/secrets/token"
  is_secret = true
}`,
  arguments: {
    filename: string('The file.').check((name) => (name === '' ? 'must not be empty' : undefined)),
    detector: oneOf(
      'How changes are noticed: by events of the file system and by reading again, or only by reading again.',
      'fsnotify',
      'poll',
    ).default('fsnotify'),
    poll_frequency: duration('How often the file is read again, whatever the detector.')
      .default(60_000)
      .check((period) => (period > 0 ? undefined : 'must be greater than 0')),
    is_secret: bool('Whether the content must never be shown.').default(false),
  },
  exports: {
    content: exported('What is in the file: a secret if `is_secret` is true, otherwise a string.', contentType),
  },
  metrics: {},
  build(context) {
    const { args, log } = context;
    const { filename, is_secret: isSecret } = args;
    const bell = new Doorbell();
    let last: string | undefined;
    let problem = '';

    const readNow = async (): Promise<string | Secret> => {
      last = await readSmallFile(filename);
      return isSecret ? new Secret(last) : last;
    };

    const readAgain = async (): Promise<void> => {
      const before = last;
      try {
        const content = await readNow();
        if (last !== before) context.export({ content });
        if (problem !== '') context.health('healthy', 'read file');
        problem = '';
      } catch (error) {
        const message = messageOf(error);
        context.health('unhealthy', message);
        if (message !== problem) log.error('cannot read file, its last content is kept', { error: message });
        problem = message;
      }
    };

    return {
      exports: { content: '' },
      prepare: async () => ({ content: await readNow() }),
      async run(signal) {
        const watch = new DirectoryWatch({
          changed: () => bell.ring(),
          failed: (error) => log.warn('cannot watch file, it is polled only', { error: messageOf(error) }),
          // Mounted secrets are links through an entry whose name begins with two dots, which is what changes.
          concerns: (name) => name === path.basename(filename) || name.startsWith('..'),
        });
        if (args.detector === 'fsnotify') watch.watch(new Set([path.dirname(filename)]));
        await repeat(bell, signal, () => args.poll_frequency, readAgain);
        watch.close();
      },
    };
  },
});

async function readSmallFile(filename: string): Promise<string> {
  try {
    const file = await open(filename);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new Error('is not a regular file');
      if (stats.size > maxBytes) throw new Error(`is larger than ${maxBytes} bytes`);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new Error(`cannot read ${JSON.stringify(filename)}: ${messageOf(error)}`, { cause: error });
  }
}
