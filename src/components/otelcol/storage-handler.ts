import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { exported, type ValueExport } from '../../schema/exports.ts';
import { Attribute } from '../../schema/field.ts';
import { nameOf } from '../../schema/receiver.ts';
import type { ValueType } from '../../schema/value-type.ts';
import { DurableQueue, type DurableQueueOptions } from '../../storage/durable-queue.ts';
import { Capsule, type CapsuleType } from '../../syntax/value.ts';

/** What an `otelcol.storage` component exports as `handler`: where queues are kept, and how. */
export interface StorageHandler {
  /** The ID of the component, for messages. */
  readonly id: string;
  readonly directory: string;
  /** The permissions of the directory if it is to be made; undefined if it must be there. */
  readonly newDirectoryMode: number | undefined;
  /** How much disk each queue may take. */
  readonly maxBytes: number;
  /** Whether what is written survives a crash of the machine too, rather than one of the program only. */
  readonly isSynced: boolean;
}

/** The folder of a queue by the name of its owner, which it does not share. */
export function storageFolder({ directory }: StorageHandler, owner: string): string {
  return path.join(directory, encodeURIComponent(owner));
}

/** Opens a queue. Whoever does so owns the folder until the queue is closed. */
export async function openStorage(
  handler: StorageHandler,
  owner: string,
  options: Pick<DurableQueueOptions, 'whenFull' | 'maxRecords' | 'report'>,
): Promise<DurableQueue> {
  const { directory, newDirectoryMode: mode, maxBytes, isSynced } = handler;
  try {
    if (mode !== undefined) await mkdir(directory, { recursive: true, mode });
  } catch (error) {
    options.report('cannot make the directory of the storage', error);
  }
  return DurableQueue.open({ ...options, directory: storageFolder(handler, owner), maxBytes, isSynced });
}

const storageCapsule: CapsuleType<StorageHandler> = {
  name: 'otelcol storage handler',
  show: ({ id }) => id,
  equals: (a, b) => JSON.stringify(a) === JSON.stringify(b),
};

const storageType: ValueType<StorageHandler> = {
  name: storageCapsule.name,
  jsonSchema: { type: 'string', format: 'otelcol-storage-handler' },
  decode(value, at) {
    if (value instanceof Capsule && value.type === storageCapsule) return value.value as StorageHandler;
    return at.fail(`should be ${storageCapsule.name}, got ${nameOf(value)}`);
  },
  encode: (handler) => new Capsule(storageCapsule, handler),
};

/** `storage = otelcol.storage.file.x.handler`. */
export function storageHandler(doc: string): Attribute<StorageHandler> {
  return new Attribute<StorageHandler>({ doc, type: storageType });
}

/** The export `handler` of `otelcol.storage` components. */
export function exportedStorageHandler(doc: string): ValueExport<StorageHandler> {
  return exported(doc, storageType);
}
