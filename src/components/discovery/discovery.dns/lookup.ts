import { Resolver } from 'node:dns/promises';
import { messageOf } from '../../../base/message-of.ts';
import { ParseError } from '../../../base/parse-error.ts';
import type { Labels } from '../../../model/labels.ts';
import { candidatesFor, type NameService } from './name-service.ts';
import { requestRecords, targetsOfRecords, type RecordType } from './records.ts';

/** How often a server is asked that does not answer. */
const tries = 2;

/** What to look up. */
export interface Query {
  readonly type: RecordType;
  /** The port of targets whose records have none. */
  readonly port: number;
}

/** Looks names up, by one state of the name service. */
export class Lookup {
  readonly #service: NameService;
  readonly #resolvers: readonly Resolver[];

  /** When the signal aborts, what is under way ends with errors. */
  constructor(service: NameService, signal: AbortSignal) {
    this.#service = service;
    // One for each server, since a resolver takes the error of one server for that of all.
    this.#resolvers = service.servers.map((server) => {
      const resolver = new Resolver({ timeout: service.timeout, tries });
      resolver.setServers([server]);
      return resolver;
    });
    const cancel = (): void => this.#resolvers.forEach((resolver) => resolver.cancel());
    signal.addEventListener('abort', cancel, { once: true });
  }

  /** The targets of a name; none if all servers asked say that there is no such name. */
  async targetsOf(name: string, query: Query, signal: AbortSignal): Promise<readonly Labels[] | ParseError> {
    let problem: ParseError | undefined;
    for (const candidate of candidatesFor(name, this.#service)) {
      const targets = await this.#ask(name, candidate, query, signal);
      if (targets instanceof ParseError) problem = targets;
      else if (targets !== undefined) return targets;
    }
    return problem ?? [];
  }

  /** What the first server says that knows whether there is such a name; undefined if there is not. */
  async #ask(
    name: string,
    candidate: string,
    { type, port }: Query,
    signal: AbortSignal,
  ): Promise<readonly Labels[] | undefined | ParseError> {
    let problem = 'there is no name server';
    for (const resolver of this.#resolvers) {
      if (signal.aborted) break;
      try {
        return targetsOfRecords(name, type, await requestRecords[type](resolver, candidate), port);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : '';
        if (code === 'ENOTFOUND') return undefined;
        if (code === 'ENODATA') return [];
        problem = messageOf(error);
      }
    }
    return new ParseError(`${name}: ${problem}`);
  }
}
