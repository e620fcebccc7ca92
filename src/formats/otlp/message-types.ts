import type { OtlpKind } from '../../model/otlp-batch.ts';

/*
 * The messages of OTLP with their fields: what the check of requests and both ways of JSON go by.
 */

export type ScalarType =
  | 'string'
  | 'bytes'
  | 'trace id'
  | 'span id'
  | 'bool'
  | 'double'
  | 'fixed64'
  | 'sfixed64'
  | 'int64'
  | 'uint64'
  | 'fixed32'
  | 'int32'
  | 'uint32'
  | 'sint32';

/**
 * - `plain`: where it is zero or empty, that says no more than if it were not there
 * - `optional`: says something even then
 * - `one of`: says something even then, and stands for all fields of that kind in the message: the last counts
 * - `always`: a message that JSON has even where it is not there
 */
export type Presence = 'plain' | 'optional' | 'one of' | 'always' | 'repeated';

export interface Field {
  /** As in the definitions of the protocol: `trace_id`. */
  readonly name: string;
  readonly number: number;
  readonly type: ScalarType | EnumName | MessageName;
  readonly presence: Presence;
}

export interface Message {
  readonly name: MessageName;
  readonly fields: readonly Field[];
}

export type EnumName = keyof typeof enums;
export type MessageName = keyof typeof definitions;

/** The names of the values of enums; the index is the number. */
export const enums = {
  SpanKind: ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map((name) => `SPAN_KIND_${name}`),
  StatusCode: ['UNSET', 'OK', 'ERROR'].map((name) => `STATUS_CODE_${name}`),
  AggregationTemporality: ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'].map((name) => `AGGREGATION_TEMPORALITY_${name}`),
  SeverityNumber: [
    'UNSPECIFIED',
    ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) => [
      name,
      `${name}2`,
      `${name}3`,
      `${name}4`,
    ]),
  ].map((name) => `SEVERITY_NUMBER_${name}`),
};

/** The export request of each kind. */
export const requestMessages: Readonly<Record<OtlpKind, MessageName>> = {
  traces: 'TraceRequest',
  metrics: 'MetricsRequest',
  logs: 'LogsRequest',
};

type Definition = Readonly<
  Record<string, readonly [number: number, type: string] | readonly [number: number, type: string, Presence]>
>;

const definitions = {
  TraceRequest: { resource_spans: [1, 'ResourceSpans', 'repeated'] },
  MetricsRequest: { resource_metrics: [1, 'ResourceMetrics', 'repeated'] },
  LogsRequest: { resource_logs: [1, 'ResourceLogs', 'repeated'] },

  ResourceSpans: {
    resource: [1, 'Resource', 'always'],
    scope_spans: [2, 'ScopeSpans', 'repeated'],
    schema_url: [3, 'string'],
  },
  ScopeSpans: { scope: [1, 'Scope', 'always'], spans: [2, 'Span', 'repeated'], schema_url: [3, 'string'] },
  ResourceMetrics: {
    resource: [1, 'Resource', 'always'],
    scope_metrics: [2, 'ScopeMetrics', 'repeated'],
    schema_url: [3, 'string'],
  },
  ScopeMetrics: { scope: [1, 'Scope', 'always'], metrics: [2, 'Metric', 'repeated'], schema_url: [3, 'string'] },
  ResourceLogs: {
    resource: [1, 'Resource', 'always'],
    scope_logs: [2, 'ScopeLogs', 'repeated'],
    schema_url: [3, 'string'],
  },
  ScopeLogs: { scope: [1, 'Scope', 'always'], log_records: [2, 'LogRecord', 'repeated'], schema_url: [3, 'string'] },

  Resource: {
    attributes: [1, 'KeyValue', 'repeated'],
    dropped_attributes_count: [2, 'uint32'],
    entity_refs: [3, 'EntityRef', 'repeated'],
  },
  EntityRef: {
    schema_url: [1, 'string'],
    type: [2, 'string'],
    id_keys: [3, 'string', 'repeated'],
    description_keys: [4, 'string', 'repeated'],
  },
  Scope: {
    name: [1, 'string'],
    version: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
    dropped_attributes_count: [4, 'uint32'],
  },
  AnyValue: {
    string_value: [1, 'string', 'one of'],
    bool_value: [2, 'bool', 'one of'],
    int_value: [3, 'int64', 'one of'],
    double_value: [4, 'double', 'one of'],
    array_value: [5, 'ArrayValue', 'one of'],
    kvlist_value: [6, 'KeyValueList', 'one of'],
    bytes_value: [7, 'bytes', 'one of'],
    string_value_strindex: [8, 'int32', 'one of'],
  },
  ArrayValue: { values: [1, 'AnyValue', 'repeated'] },
  KeyValueList: { values: [1, 'KeyValue', 'repeated'] },
  KeyValue: { key: [1, 'string'], value: [2, 'AnyValue', 'always'], key_strindex: [3, 'int32'] },

  Span: {
    trace_id: [1, 'trace id'],
    span_id: [2, 'span id'],
    trace_state: [3, 'string'],
    parent_span_id: [4, 'span id'],
    name: [5, 'string'],
    kind: [6, 'SpanKind'],
    start_time_unix_nano: [7, 'fixed64'],
    end_time_unix_nano: [8, 'fixed64'],
    attributes: [9, 'KeyValue', 'repeated'],
    dropped_attributes_count: [10, 'uint32'],
    events: [11, 'Event', 'repeated'],
    dropped_events_count: [12, 'uint32'],
    links: [13, 'Link', 'repeated'],
    dropped_links_count: [14, 'uint32'],
    status: [15, 'Status', 'always'],
    flags: [16, 'fixed32'],
  },
  Event: {
    time_unix_nano: [1, 'fixed64'],
    name: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
    dropped_attributes_count: [4, 'uint32'],
  },
  Link: {
    trace_id: [1, 'trace id'],
    span_id: [2, 'span id'],
    trace_state: [3, 'string'],
    attributes: [4, 'KeyValue', 'repeated'],
    dropped_attributes_count: [5, 'uint32'],
    flags: [6, 'fixed32'],
  },
  Status: { message: [2, 'string'], code: [3, 'StatusCode'] },

  Metric: {
    name: [1, 'string'],
    description: [2, 'string'],
    unit: [3, 'string'],
    gauge: [5, 'Gauge', 'one of'],
    sum: [7, 'Sum', 'one of'],
    histogram: [9, 'Histogram', 'one of'],
    exponential_histogram: [10, 'ExponentialHistogram', 'one of'],
    summary: [11, 'Summary', 'one of'],
    metadata: [12, 'KeyValue', 'repeated'],
  },
  Gauge: { data_points: [1, 'NumberDataPoint', 'repeated'] },
  Sum: {
    data_points: [1, 'NumberDataPoint', 'repeated'],
    aggregation_temporality: [2, 'AggregationTemporality'],
    is_monotonic: [3, 'bool'],
  },
  Histogram: {
    data_points: [1, 'HistogramDataPoint', 'repeated'],
    aggregation_temporality: [2, 'AggregationTemporality'],
  },
  ExponentialHistogram: {
    data_points: [1, 'ExponentialHistogramDataPoint', 'repeated'],
    aggregation_temporality: [2, 'AggregationTemporality'],
  },
  Summary: { data_points: [1, 'SummaryDataPoint', 'repeated'] },
  NumberDataPoint: {
    start_time_unix_nano: [2, 'fixed64'],
    time_unix_nano: [3, 'fixed64'],
    as_double: [4, 'double', 'one of'],
    exemplars: [5, 'Exemplar', 'repeated'],
    as_int: [6, 'sfixed64', 'one of'],
    attributes: [7, 'KeyValue', 'repeated'],
    flags: [8, 'uint32'],
  },
  HistogramDataPoint: {
    start_time_unix_nano: [2, 'fixed64'],
    time_unix_nano: [3, 'fixed64'],
    count: [4, 'fixed64'],
    sum: [5, 'double', 'optional'],
    bucket_counts: [6, 'fixed64', 'repeated'],
    explicit_bounds: [7, 'double', 'repeated'],
    exemplars: [8, 'Exemplar', 'repeated'],
    attributes: [9, 'KeyValue', 'repeated'],
    flags: [10, 'uint32'],
    min: [11, 'double', 'optional'],
    max: [12, 'double', 'optional'],
  },
  ExponentialHistogramDataPoint: {
    attributes: [1, 'KeyValue', 'repeated'],
    start_time_unix_nano: [2, 'fixed64'],
    time_unix_nano: [3, 'fixed64'],
    count: [4, 'fixed64'],
    sum: [5, 'double', 'optional'],
    scale: [6, 'sint32'],
    zero_count: [7, 'fixed64'],
    positive: [8, 'Buckets', 'always'],
    negative: [9, 'Buckets', 'always'],
    flags: [10, 'uint32'],
    exemplars: [11, 'Exemplar', 'repeated'],
    min: [12, 'double', 'optional'],
    max: [13, 'double', 'optional'],
    zero_threshold: [14, 'double'],
  },
  Buckets: { offset: [1, 'sint32'], bucket_counts: [2, 'uint64', 'repeated'] },
  SummaryDataPoint: {
    start_time_unix_nano: [2, 'fixed64'],
    time_unix_nano: [3, 'fixed64'],
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    quantile_values: [6, 'ValueAtQuantile', 'repeated'],
    attributes: [7, 'KeyValue', 'repeated'],
    flags: [8, 'uint32'],
  },
  ValueAtQuantile: { quantile: [1, 'double'], value: [2, 'double'] },
  Exemplar: {
    time_unix_nano: [2, 'fixed64'],
    as_double: [3, 'double', 'one of'],
    span_id: [4, 'span id'],
    trace_id: [5, 'trace id'],
    as_int: [6, 'sfixed64', 'one of'],
    filtered_attributes: [7, 'KeyValue', 'repeated'],
  },

  LogRecord: {
    time_unix_nano: [1, 'fixed64'],
    severity_number: [2, 'SeverityNumber'],
    severity_text: [3, 'string'],
    body: [5, 'AnyValue', 'always'],
    attributes: [6, 'KeyValue', 'repeated'],
    dropped_attributes_count: [7, 'uint32'],
    flags: [8, 'fixed32'],
    trace_id: [9, 'trace id'],
    span_id: [10, 'span id'],
    observed_time_unix_nano: [11, 'fixed64'],
    event_name: [12, 'string'],
  },
} as const satisfies Readonly<Record<string, Definition>>;

export const messages: readonly Message[] = Object.entries(definitions).map(([name, fields]) => ({
  name: name as MessageName,
  fields: Object.entries<Definition[string]>(fields).map(([field, [number, type, presence = 'plain']]) => ({
    name: field,
    number,
    type: type as Field['type'],
    presence,
  })),
}));
