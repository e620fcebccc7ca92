import type { Consumer } from '../flow/delivery.ts';
import { Edge } from '../flow/edge.ts';
import { fanout } from '../flow/fanout.ts';
import type { Port } from '../flow/port.ts';
import type { Signal } from '../model/signal.ts';
import type { Surroundings } from '../schema/value-type.ts';
import type { Environment } from './environment.ts';

/** Where a node sends to: its edges by the ID of the port they lead to. What flows on them differs by edge. */
export type Edges = ReadonlyMap<string, Edge<unknown>>;

/**
 * What decoding the arguments of a node needs. Outputs become edges, which are collected in `edges`. An edge that was
 * there before is used again, so that its counts go on.
 */
export function surroundingsOf(
  environment: Environment,
  from: string,
  edges: Map<string, Edge<unknown>>,
  before: Edges | undefined,
): Surroundings {
  const edgeTo = (port: Port<unknown>): Edge<unknown> => {
    const known = edges.get(port.id) ?? before?.get(port.id);
    const edge = known?.to === port ? known : new Edge(from, port);
    edges.set(port.id, edge);
    return edge;
  };
  return {
    minimumStability: environment.minimumStability,
    connect: <B>(_signal: Signal<B>, ports: readonly Port<B>[]): Consumer<B> =>
      fanout(ports.map((port) => edgeTo(port as unknown as Port<unknown>))),
  };
}
