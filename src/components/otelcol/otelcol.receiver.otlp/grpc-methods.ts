import { ParseError } from '../../../base/parse-error.ts';
import { checkOtlpRequest } from '../../../formats/otlp/check-request.ts';
import { otlpKinds, type OtlpKind } from '../../../model/otlp-batch.ts';
import type { GrpcMethod } from '../../../net/grpc/grpc-service.ts';
import { GrpcError, grpcCodes } from '../../../net/grpc/grpc-status.ts';
import { AuthRefusal } from '../auth-handler.ts';
import { clientOf } from './client-info.ts';
import type { GrpcArgs } from './fields.ts';
import type { Intake } from './intake.ts';
import type { OtlpReceiverMeters } from './metrics.ts';

export const grpcServices: Readonly<Record<OtlpKind, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
};

/** An answer that everything was accepted. */
const success = Buffer.from([0x0a, 0x00]);

/** The export methods of OTLP, for the kinds that go somewhere. */
export function grpcMethods(args: GrpcArgs, intake: Intake, meters: OtlpReceiverMeters): GrpcMethod[] {
  const invalid = (reason: string): void => meters.invalidRequests.with('grpc', reason).inc();
  return otlpKinds
    .filter((kind) => intake.takes(kind))
    .map((kind) => ({
      path: `/${grpcServices[kind]}/Export`,
      async handle({ message, headers, peer, signal }) {
        const auth = await args.auth?.authenticate(headers, peer);
        if (auth instanceof AuthRefusal) {
          invalid('unauthenticated');
          throw new GrpcError(grpcCodes.unauthenticated, auth.message);
        }
        const batch = checkOtlpRequest(kind, message, clientOf(headers, peer, args.include_metadata, auth));
        if (batch instanceof ParseError) {
          invalid('malformed');
          throw new GrpcError(grpcCodes.invalidArgument, batch.message);
        }
        const error = await intake.take(batch, 'grpc', signal);
        if (error !== undefined) throw error;
        return success;
      },
    }));
}
