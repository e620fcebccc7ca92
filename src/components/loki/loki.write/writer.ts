import path from 'node:path';
import type { HealthState } from '../../../component/health.ts';
import type { Consumer, Delivery } from '../../../flow/delivery.ts';
import { fanout } from '../../../flow/fanout.ts';
import { withValidText } from '../../../formats/loki-push/valid-text.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import { identitiesOf } from '../../../net/endpoint-identity.ts';
import { QueueingEndpoints } from '../../../storage/queueing-endpoints.ts';
import { Destinations } from './destinations.ts';
import { Endpoint, type EndpointSetup } from './endpoint.ts';
import type { WriteArgs } from './fields.ts';
import { Rejections } from './rejections.ts';
import type { WriteContext } from './sender.ts';

export interface WriterContext extends WriteContext {
  readonly dataDir: string;
  health(state: HealthState, message: string): void;
}

/** Gives entries to every endpoint of a component. */
export class Writer implements Consumer<LogBatch> {
  readonly #rejections = new Rejections();
  readonly #endpoints: QueueingEndpoints<EndpointSetup, Endpoint>;
  #all: Consumer<LogBatch>;

  constructor(args: WriteArgs, context: WriterContext) {
    const { log, dataDir, health } = context;
    const rejections = this.#rejections;
    this.#endpoints = new QueueingEndpoints({
      folder: path.join(dataDir, 'wal'),
      items: 'entries',
      log,
      health,
      open: (setup, place) => new Endpoint(setup, { ...context, ...place, rejections }),
    });
    this.#all = this.#replaceEndpoints(args);
  }

  consume(batch: LogBatch, delivery: Delivery): Promise<void> | void {
    return this.#all.consume(withValidText(batch), delivery);
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#endpoints.run(signal);
  }

  update(args: WriteArgs): void {
    this.#all = this.#replaceEndpoints(args);
  }

  close(): Promise<void> {
    return this.#endpoints.close();
  }

  debugInfo() {
    return { endpoints: this.#endpoints.all.map(({ state }) => state), rejected: this.#rejections.latest };
  }

  #replaceEndpoints(args: WriteArgs): Consumer<LogBatch> {
    const shared = {
      wal: args.wal?.enabled === true ? args.wal : undefined,
      destinations: new Destinations(args.external_labels),
      maxStreams: args.max_streams,
    };
    const identities = identitiesOf(args.endpoint);
    this.#endpoints.replace(
      args.endpoint.map((endpoint, index) => ({
        identity: identities[index] ?? '',
        setup: { ...shared, args: endpoint },
      })),
    );
    return fanout(this.#endpoints.all);
  }
}
