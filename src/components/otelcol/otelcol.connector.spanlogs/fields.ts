import { bool, list, string } from '../../../schema/attributes.ts';
import { block } from '../../../schema/blocks.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { stringType } from '../../../schema/types.ts';

export const spanLogsFields = {
  spans: bool('Whether there is a record for each span.').default(false),
  roots: bool('Whether there is a record for each span without a parent.').default(false),
  processes: bool(
    'Whether there is a record for each span whose trace is another one than that of the span before in its scope.',
  ).default(false),
  events: bool('Whether there is a record for each event of a span.').default(false),
  span_attributes: list('Attributes of spans that go into lines.', stringType).default([]),
  process_attributes: list('Attributes of resources that go into lines.', stringType).default([]),
  event_attributes: list('Attributes of events that go into lines.', stringType).default([]),
  labels: list('Keys of lines whose values are attributes of the records as well.', stringType).default([]),
  overrides: block('Other names for what is in the lines.', {
    logs_instance_tag: string('The attribute that says what the record is of: process, span, root or event.').default(
      'traces',
    ),
    service_key: string('The key of the service, which is attribute `service.name` of the resource.').default('svc'),
    span_name_key: string('The key of the name of the span.').default('span'),
    status_key: string('The key of the status of the span: Ok or Error, without the key if it is not set.').default(
      'status',
    ),
    duration_key: string('The key of the duration in nanoseconds.').default('dur'),
    trace_id_key: string('The key of the trace ID.').default('tid'),
  }).defaults(),
};

export type SpanLogsArgs = ArgumentsOf<typeof spanLogsFields>;
