import { ByteBudget } from '../src/base/byte-budget.ts';
import { noLog } from '../src/base/log.ts';
import { GrpcServer } from '../src/net/grpc/grpc-server.ts';
import { defaultGrpcLimits } from '../src/net/grpc/grpc-service.ts';

/* A gRPC server that takes messages and answers with nothing. Tells its port. */
const nobody = (): void => undefined;
const observer = { connectionsChanged: nobody, connectionRefused: nobody, callStarted: nobody, callEnded: nobody };
const empty = Buffer.alloc(0);
const server = new GrpcServer(
  { methods: [{ path: '/bench.Sink/Take', handle: () => empty }], log: noLog, observer, memory: new ByteBudget(1e9) },
  defaultGrpcLimits,
);
await server.listen({ host: '127.0.0.1', port: 0 });
process.send?.(server.address?.port);
process.on('disconnect', () => process.exit());
