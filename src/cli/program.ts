import path from 'node:path';
import type { Log } from '../base/log.ts';
import type { Stability } from '../base/stability.ts';
import type { AnyComponent } from '../component/component.ts';
import { showListenAddress, type ListenAddress } from '../net/listen-address.ts';
import { userAgent } from '../net/user-agent.ts';
import type { ConfigBlockSpec } from '../runtime/config-block.ts';
import { readConfig } from '../runtime/config-source.ts';
import { downstreamOf } from '../runtime/inspect.ts';
import { errorText, Runtime } from '../runtime/runtime.ts';
import { httpBlock } from '../services/http/http-block.ts';
import { HttpService } from '../services/http/http-service.ts';
import type { Route } from '../services/http/router.ts';
import { apiRoutes } from '../services/http/routes.ts';
import { liveDebuggingBlock } from '../services/live-debugging/live-debugging-block.ts';
import { LiveDebugging } from '../services/live-debugging/live-debugging.ts';
import { loggingBlock } from '../services/logging/logging-block.ts';
import { Logger } from '../services/logging/logger.ts';
import { describeBuild } from '../services/self-metrics/build-metrics.ts';
import { ConfigMetrics } from '../services/self-metrics/config-metrics.ts';
import { watchProcess } from '../services/self-metrics/process-metrics.ts';
import { renderMetrics } from '../services/self-metrics/render.ts';
import { describeRuntime } from '../services/self-metrics/runtime-metrics.ts';
import { oneLine, type Diagnostic } from '../syntax/diagnostic.ts';
import { processEnvironment, type LibraryEnvironment } from '../syntax/stdlib/environment.ts';
import { standardLibrary } from '../syntax/stdlib/library.ts';

export interface ProgramOptions {
  readonly components: ReadonlyMap<string, AnyComponent>;
  readonly version: string;
  readonly minimumStability: Stability;
  readonly configPath: string;
  readonly storagePath: string;
  /** Tells this installation from others; without it, nothing tells servers. */
  readonly installationId?: string;
  readonly nodeName: string;
  readonly listenAddress: ListenAddress;
  /** The `host:port` by which components reach the API without a network. */
  readonly memoryAddress: string;
  /** Begins and ends with a slash. */
  readonly uiPathPrefix: string;
  /** Takes the lines of the log. */
  writeLog(text: string): void;
}

export interface LoadOutcome {
  readonly isLoaded: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReloadOutcome {
  readonly isLoaded: boolean;
  /** What happened, for people. */
  readonly message: string;
}

/** The runtime and the services around it. It does nothing until it is told to. */
export class Program {
  readonly log: Log;
  readonly runtime: Runtime;
  readonly http: HttpService;
  readonly #configPath: string;
  readonly #logger: Logger;
  readonly #environment: LibraryEnvironment;
  readonly #configMetrics = new ConfigMetrics();
  #describeProcess: ReturnType<typeof watchProcess> | undefined;

  constructor(options: ProgramOptions) {
    const { version } = options;
    this.#configPath = options.configPath;
    this.#environment = processEnvironment(version);
    this.#logger = new Logger((text) => options.writeLog(text));
    this.log = this.#logger.log;
    const liveDebugging = new LiveDebugging(() => this.runtime.root);
    this.http = new HttpService(this.#routes(options, liveDebugging), this.log.with({ service: 'http' }));
    const blocks: readonly ConfigBlockSpec[] = [
      loggingBlock(this.#logger),
      httpBlock(this.http),
      liveDebuggingBlock(liveDebugging),
    ];
    this.runtime = new Runtime({
      components: options.components,
      configBlocks: new Map(blocks.map((spec) => [spec.name, spec])),
      library: standardLibrary(this.#environment),
      log: this.log,
      minimumStability: options.minimumStability,
      program: {
        version,
        userAgent: userAgent(version, process.env),
        installationId: options.installationId ?? '',
        variables: process.env,
        memoryServer: this.http.memoryServer(options.memoryAddress),
        renderMetrics: () => this.#renderMetrics(),
      },
      dataDir: (id) => path.join(options.storagePath, id),
    });
    this.#logger.setPipeline(() => downstreamOf(this.runtime.root, 'logging'));
  }

  /** Reads the configuration and puts it into effect, if it is right. */
  async load(): Promise<LoadOutcome> {
    const problems: Diagnostic[] = [];
    const config = await readConfig(this.#configPath, (problem) => problems.push(problem));
    const result = config && (await this.runtime.load(config));
    const diagnostics = [...problems, ...(result?.diagnostics ?? [])];
    for (const diagnostic of diagnostics) {
      if (diagnostic.severity === 'warning') this.log.warn('configuration warning', { warning: oneLine(diagnostic) });
    }
    if (config === undefined || result?.isLoaded !== true) {
      this.#configMetrics.failed();
      return { isLoaded: false, diagnostics };
    }
    this.#configMetrics.loaded(config.sources);
    return { isLoaded: true, diagnostics };
  }

  /** Loads again after a change of the configuration, and logs the result. */
  async reload(): Promise<ReloadOutcome> {
    const { isLoaded, diagnostics } = await this.load();
    if (isLoaded) {
      this.log.info('config reloaded');
      return { isLoaded, message: 'config reloaded' };
    }
    const message = errorText(diagnostics);
    this.log.error('failed to reload config', { error: message });
    return { isLoaded, message };
  }

  /** Writes log lines that were kept for a configuration which does not come. */
  flushLog(): void {
    this.#logger.flush();
  }

  #routes(options: ProgramOptions, liveDebugging: LiveDebugging): readonly Route[] {
    return apiRoutes({
      runtime: () => this.runtime,
      liveDebugging,
      metrics: () => this.#renderMetrics(),
      reload: () => this.reload(),
      peer: {
        name: options.nodeName || this.#environment.hostname,
        addr: showListenAddress(options.listenAddress),
      },
      uiPathPrefix: options.uiPathPrefix,
    });
  }

  #renderMetrics(): string {
    this.#describeProcess ??= watchProcess();
    return renderMetrics([
      ...describeBuild(this.#environment),
      ...this.#describeProcess(),
      ...this.#configMetrics.collect(),
      ...this.#logger.collect(),
      ...this.http.collect(),
      ...describeRuntime(this.runtime.root),
    ]);
  }
}
