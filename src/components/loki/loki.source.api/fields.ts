import { logs } from '../../../model/signal.ts';
import { httpServerBlock, ignoredGrpcBlock } from '../../../net/http-server-fields.ts';
import { attribute, bool, bytes, duration, map } from '../../../schema/attributes.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { output } from '../../../schema/receiver.ts';
import { rulesType } from '../../../schema/relabel-rules.ts';
import { stringType } from '../../../schema/types.ts';

export type ApiSourceArguments = ArgumentsOf<typeof apiSourceFields>;

export const apiSourceFields = {
  forward_to: output('Where entries go.', logs),
  labels: map('Labels for all entries. They win over the labels of the entries.', stringType).default(new Map()),
  relabel_rules: attribute('Rules for the labels of streams, as `loki.relabel` exports them.', rulesType).default([]),
  use_incoming_timestamp: bool(
    'Keep the timestamps of entries, rather than giving them the time when they came.',
  ).default(false),
  max_send_message_size: bytes(
    'The largest request, both as it comes and unpacked. Requests that are under way together may take three times of that, and at least 64 MiB.',
  )
    .default(100 * 1024 * 1024)
    .check((size) => (size > 0 ? undefined : 'must be greater than 0')),
  graceful_shutdown_timeout: duration(
    'How long requests whose entries were accepted may wait for their delivery when the component stops.',
  )
    .default(30_000)
    .check((timeout) => (timeout > 0 ? undefined : 'must be greater than 0')),
  http: httpServerBlock.defaults(),
  grpc: ignoredGrpcBlock.optional(),
};
