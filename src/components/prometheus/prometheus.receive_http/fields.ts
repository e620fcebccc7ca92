import { writeProtocols } from '../../../formats/remote-write/write-request.ts';
import { metrics } from '../../../model/signal.ts';
import { httpServerBlock, ignoredGrpcBlock } from '../../../net/http-server-fields.ts';
import { bool, duration, list } from '../../../schema/attributes.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { output } from '../../../schema/receiver.ts';
import { oneOfType } from '../../../schema/types.ts';

const { v1, v2 } = writeProtocols;

export type ReceiveHttpArguments = ArgumentsOf<typeof receiveHttpFields>;

export const receiveHttpFields = {
  forward_to: output('Where samples go.', metrics),
  accepted_remote_write_protobuf_messages: list(
    `The protocols to take: \`${v1.message}\`, and \`${v2.message}\`, which needs \`--stability.level=experimental\`.`,
    oneOfType([v1.message, v2.message]),
  )
    .default([v1.message])
    .check((messages) => (messages.length > 0 ? undefined : 'must not be empty')),
  append_metadata: bool('Whether types, help and units of metrics are passed on with the samples.')
    .default(false)
    .needs('experimental'),
  enable_type_and_unit_labels: bool(
    'Whether series of version 2 get their type and unit as the labels `__type__` and `__unit__`.',
  )
    .default(false)
    .needs('experimental'),
  graceful_shutdown_timeout: duration(
    'How long requests whose samples were accepted may wait for their delivery when the component stops.',
  )
    .default(30_000)
    .check((timeout) => (timeout > 0 ? undefined : 'must be greater than 0')),
  http: httpServerBlock.defaults(),
  grpc: ignoredGrpcBlock.optional(),
};
