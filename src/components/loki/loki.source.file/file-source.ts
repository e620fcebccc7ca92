import path from 'node:path';
import { Doorbell, repeat } from '../../../base/doorbell.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import { messageOf } from '../../../base/message-of.ts';
import type { Context } from '../../../component/component.ts';
import type { FileProblem } from '../../../files/file-problem.ts';
import { SearchCache } from '../../../files/search-cache.ts';
import { legacyLabels, readLegacyPositions } from '../../../storage/legacy-positions.ts';
import type { Position } from '../../../storage/positions-format.ts';
import { Positions } from '../../../storage/positions.ts';
import type { fileSourceFields, FileSourceArguments } from './fields.ts';
import type { fileSourceMetrics } from './metrics.ts';
import { Readers } from './readers.ts';
import { checkpointOf, Tailer, type TailerHost } from './tailer.ts';
import { wantedFiles, type WantedFile } from './wanted-files.ts';

const prunePeriod: Milliseconds = 600_000;

/** Follows the files that its targets name, each with a tailer of its own. */
export class FileSource {
  readonly exports = {};
  readonly #context: Context<typeof fileSourceFields, {}, typeof fileSourceMetrics>;
  readonly #bell = new Doorbell();
  /** What was found when files were looked for last. */
  readonly #cache = new SearchCache();
  #args: FileSourceArguments;
  #positions: Positions | undefined;
  /** By the key of their files; also those that have ended and wait for answers. */
  readonly #tailers = new Map<string, Tailer>();
  /** How many tailers follow a path. */
  readonly #following = new Map<string, number>();
  readonly #failing = new Map<Tailer, FileProblem>();
  #targetProblems = '';
  /** Files that are not read since their position is not a number. */
  readonly #skipped = new Set<string>();

  constructor(context: Context<typeof fileSourceFields, {}, typeof fileSourceMetrics>) {
    this.#context = context;
    this.#args = context.args;
  }

  /** Fails the load if there are positions that cannot be read, rather than to read everything again. */
  async prepare(): Promise<{}> {
    await this.#openPositions();
    return {};
  }

  async run(signal: AbortSignal): Promise<void> {
    const positions = await this.#openPositions();
    const readers = new Readers(this.#context);
    const host: TailerHost = {
      log: this.#context.log,
      metrics: this.#context.metrics,
      positions,
      consumer: () => this.#args.forward_to,
      failed: (tailer, problem) => this.#fileFailed(tailer, problem),
      ended: (tailer) => this.#ended(tailer),
      finished: (tailer) => {
        if (this.#tailers.get(tailer.file.key) === tailer) this.#tailers.delete(tailer.file.key);
      },
    };
    const syncPeriod = (): Milliseconds =>
      this.#args.file_match.enabled ? this.#args.file_match.sync_period : Infinity;
    await Promise.all([
      repeat(this.#bell, signal, syncPeriod, () => this.#reconcile(host, readers)),
      repeat(
        new Doorbell(),
        signal,
        () => prunePeriod,
        () => positions.prune(),
      ),
    ]);
    await Promise.all(this.#tailers.values().map((tailer) => tailer.stop()));
    readers.close();
  }

  /** Files that are still wanted are followed on; other arguments count for those that come. */
  update(args: FileSourceArguments): void {
    this.#args = args;
    this.#bell.ring();
  }

  async close(): Promise<void> {
    await this.#positions?.close();
  }

  debugInfo(): { readonly targets_info: readonly TargetInfo[] } {
    const infos = this.#tailers.values().map(({ file, isRunning, isWatched, offset }) => ({
      path: file.path,
      labels: file.labelsText,
      is_running: isRunning,
      read_offset: offset,
      is_watched: isWatched,
    }));
    return { targets_info: [...infos] };
  }

  async #openPositions(): Promise<Positions> {
    const { log, dataDir } = this.#context;
    const file = path.join(dataDir, 'positions.yml');
    const saveFailed = (error: unknown): void =>
      log.error('cannot save positions, will try again', { file, error: messageOf(error) });
    const { legacy_positions_file: legacyFile } = this.#args;
    const readLegacy = legacyFile === '' ? undefined : () => readLegacyPositions(legacyFile, log);
    this.#positions ??= await Positions.open(file, saveFailed, readLegacy);
    return this.#positions;
  }

  /** Starts what is wanted and stops what is not. */
  async #reconcile(host: TailerHost, readers: Readers): Promise<void> {
    const isFollowed = (key: string): boolean => this.#tailers.get(key)?.isRunning === true;
    const { files, problems } = await wantedFiles(this.#args, this.#cache, isFollowed);
    for (const [key, tailer] of this.#tailers) if (tailer.isRunning && !files.has(key)) void tailer.stop();
    for (const [key, file] of files) if (!isFollowed(key)) this.#start(file, host, readers);
    this.#targetProblems = this.#tellOnce(problems.join('; '));
    this.#tellHealth();
  }

  #start(file: WantedFile, host: TailerHost, readers: Readers): void {
    const { log } = this.#context;
    const { on_positions_file_error: reaction, legacy_positions_file: legacyFile } = this.#args;
    const stored = storedPosition(host.positions, file, legacyFile !== '');
    let args = this.#args;
    const from = stored === undefined ? undefined : checkpointOf(stored.value, stored.identity);
    if (stored !== undefined && from === undefined) {
      if (!this.#skipped.has(file.key))
        log.error('position of file is not a number', { path: file.path, position: stored.value, reaction });
      if (reaction === 'skip') {
        this.#skipped.add(file.key);
        return;
      }
      args = { ...args, tail_from_end: reaction === 'restart_from_end' };
    }
    const before = this.#tailers.get(file.key);
    if (before !== undefined) before.isReplaced = true;
    log.debug('start to follow file', { path: file.path, labels: file.labelsText });
    this.#context.metrics.activeFiles.inc();
    this.#following.set(file.path, (this.#following.get(file.path) ?? 0) + 1);
    this.#tailers.set(file.key, new Tailer(file, (receiver) => readers.open(file.path, from, args, receiver), host));
  }

  #ended(tailer: Tailer): void {
    const { path: file } = tailer.file;
    const { log, metrics } = this.#context;
    log.debug('stopped following file', { path: file });
    this.#fileFailed(tailer, undefined);
    metrics.activeFiles.dec();
    const others = (this.#following.get(file) ?? 0) - 1;
    this.#following.set(file, others);
    if (others > 0) return;
    this.#following.delete(file);
    for (const family of [metrics.readBytes, metrics.fileBytes, metrics.readLines]) family.remove(file);
  }

  #fileFailed(tailer: Tailer, problem: FileProblem | undefined): void {
    if (problem === undefined) {
      if (!this.#failing.delete(tailer)) return;
    } else {
      this.#failing.set(tailer, problem);
    }
    this.#tellHealth();
  }

  #tellOnce(problems: string): string {
    if (problems !== '' && problems !== this.#targetProblems)
      this.#context.log.error('some targets cannot be used', { error: problems });
    return problems;
  }

  #tellHealth(): void {
    const [first] = this.#failing;
    if (this.#targetProblems !== '') {
      this.#context.health('unhealthy', this.#targetProblems);
    } else if (first !== undefined) {
      const [{ file }, { message }] = first;
      const count = `${this.#failing.size} of ${this.#tailers.size} files cannot be read`;
      this.#context.health('unhealthy', `${count}, such as ${JSON.stringify(file.path)}: ${message}`);
    } else {
      this.#context.health('healthy', 'all files are followed');
    }
  }
}

/** Where an earlier run has stopped; without that, where an older program has, which did not know of labels. */
function storedPosition(positions: Positions, file: WantedFile, isLegacy: boolean): Position | undefined {
  const stored = positions.get(file.path, file.labelsText);
  if (!isLegacy || (stored !== undefined && stored.value !== '0')) return stored;
  return positions.get(file.path, legacyLabels) ?? stored;
}

interface TargetInfo {
  readonly path: string;
  readonly labels: string;
  readonly is_running: boolean;
  readonly read_offset: number;
  readonly is_watched: boolean;
}
