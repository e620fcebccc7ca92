import { ByteBudget } from '../../../base/byte-budget.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import type { Log } from '../../../base/log.ts';
import type { HealthState } from '../../../component/health.ts';
import { FollowedServer } from '../../../net/followed-server.ts';
import { GrpcServer } from '../../../net/grpc/grpc-server.ts';
import { HttpServer } from '../../../net/http-server.ts';
import type { OtlpReceiverArgs } from './fields.ts';
import { grpcMethods } from './grpc-methods.ts';
import { HttpRequests } from './http-requests.ts';
import { Intake } from './intake.ts';
import type { OtlpReceiverMeters } from './metrics.ts';
import { grpcObserver, httpObserver } from './observers.ts';
import { grpcSettings, httpSettings, memoryFor } from './server-settings.ts';

interface Surroundings {
  readonly log: Log;
  readonly meters: OtlpReceiverMeters;
  health(state: HealthState, message: string): void;
}

/** Requests that are there when it stops may go on for so long. */
const grace: Milliseconds = 10_000;

/** The servers of one receiver, and what they do with requests. */
export class OtlpReceiver {
  readonly exports = {};
  readonly #intake: Intake;
  readonly #servers: readonly Pick<FollowedServer, 'run' | 'close'>[];

  constructor(id: string, { grpc, http, output }: OtlpReceiverArgs, { log, meters, health }: Surroundings) {
    const intake = new Intake(id, output, meters);
    this.#intake = intake;
    const moved = (problem: string | undefined): void =>
      health(problem === undefined ? 'healthy' : 'unhealthy', problem ?? 'the servers are listening');
    const servers: Pick<FollowedServer, 'run' | 'close'>[] = [];
    if (grpc !== undefined) {
      const settings = grpcSettings(grpc);
      const options = {
        methods: grpcMethods(grpc, intake, meters),
        log,
        observer: grpcObserver(meters),
        memory: new ByteBudget(memoryFor(settings.limits.maxMessageBytes)),
      };
      servers.push(new FollowedServer(settings, (limits) => new GrpcServer(options, limits), { log, moved }));
    }
    if (http !== undefined) {
      const observer = httpObserver(meters);
      const { listener } = new HttpRequests(http, intake, meters, log, observer);
      const serve = (limits: ConstructorParameters<typeof HttpServer>[2]): HttpServer =>
        new HttpServer(listener, log, limits, observer);
      servers.push(new FollowedServer(httpSettings(http), serve, { log, moved }));
    }
    this.#servers = servers;
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#intake.stop());
    await Promise.all(this.#servers.map((server) => server.run(signal, () => grace)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}
