import { component } from '../../component/component.ts';
import { otlpReceiverFields } from './otelcol.receiver.otlp/fields.ts';
import { OtlpReceiver } from './otelcol.receiver.otlp/otlp-receiver.ts';
import { otlpReceiverMetrics } from './otelcol.receiver.otlp/metrics.ts';

export const otelcolReceiverOtlp = component({
  name: 'otelcol.receiver.otlp',
  stability: 'generally-available',
  doc: `
Takes traces, metrics and logs that programs and collectors send in the OpenTelemetry protocol: over gRPC if there is a
\`grpc\` block, over HTTP if there is an \`http\` block. Only kinds that \`output\` sends on are served.

A client is answered when what it sent is accepted by all that follows: by a queue, or by a batch that is filled. Where it
is refused for now, because a queue is full or too many bytes are under way, the answer says so (\`UNAVAILABLE\` or
\`RESOURCE_EXHAUSTED\` over gRPC, 503 or 429 over HTTP, with the time to wait if that is known), and clients of OpenTelemetry
send it again. What does not follow the protocol is answered with \`INVALID_ARGUMENT\` or 400, whole: nothing of such a request is
sent on.

Over HTTP, bodies are protobuf (\`application/x-protobuf\`) or JSON (\`application/json\`), and answers have the same form. Messages
are not read any further than it takes to see that they follow the protocol, and go on as the bytes they are, fields that
are not known among them. Texts that are not valid UTF-8 are taken, as OpenTelemetry's collector does.

Unless \`endpoint\` says otherwise, the servers listen on all addresses of the machine, as in Alloy. They know no users without
\`auth\`. On a reload they go on, also with other arguments; only another address makes one listen anew.`,
  example: `
otelcol.receiver.otlp "default" {
  grpc {
    endpoint = "127.0.0.1:4317"
  }

  http {
    endpoint = "127.0.0.1:4318"
  }

  output {
    traces = [otelcol.exporter.debug.out.input]
  }
}

otelcol.exporter.debug "out" { }`,
  arguments: otlpReceiverFields,
  exports: {},
  metrics: otlpReceiverMetrics,
  build: ({ id, args, log, metrics, health }) => new OtlpReceiver(id, args, { log, meters: metrics, health }),
});
