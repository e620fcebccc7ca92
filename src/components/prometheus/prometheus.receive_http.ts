import { isAllowed } from '../../base/stability.ts';
import { component } from '../../component/component.ts';
import { HttpServerObserver } from '../../component/http-server-metrics.ts';
import { writeProtocols } from '../../formats/remote-write/write-request.ts';
import { PushServer } from '../../net/push-server.ts';
import { receiveHttpFields } from './prometheus.receive_http/fields.ts';
import { receiveHttpMetrics } from './prometheus.receive_http/metrics.ts';
import { WriteApi } from './prometheus.receive_http/write-api.ts';

export const prometheusReceiveHttp = component({
  name: 'prometheus.receive_http',
  stability: 'generally-available',
  doc: `
Takes samples that clients send by remote write, at \`POST /api/v1/metrics/write\`, so that whatever writes to Prometheus
can write to it.

A client is answered when its samples are delivered, not before: 204 means that each \`prometheus.remote_write\` has them on
disk, which takes as long as its \`batch_send_deadline\` unless a request is filled before. The client is told with 503 to
try again if they were refused or not delivered within \`server_write_timeout\`, and with 429 if requests that are under way
take too much memory; samples that it sends again may then arrive twice. What is wrong with a request is answered with
400, 413 if it is larger than 32 MiB, packed or unpacked, and 415 if it is of a protocol that is not accepted. Samples more
than ten minutes in the future are left out and answered with 400; so are, in version 2, series whose labels are not
valid. In version 1 these are left out, counted and logged.

Unless \`listen_address\` is given, the server listens on all addresses of the machine, as in Alloy. It knows no users: let
only those reach it who may write samples, or ask for certificates with the \`tls\` block. On a reload the server goes on;
only another address makes it listen anew.`,
  example: `
prometheus.receive_http "apps" {
  http {
    listen_address = "127.0.0.1"
    listen_port    = 0
  }

  forward_to = [prometheus.remote_write.main.receiver]
}

prometheus.remote_write "main" {
  endpoint {
    url = "http://mimir:9009/api/v1/push"
  }
}`,
  arguments: receiveHttpFields,
  exports: {},
  metrics: receiveHttpMetrics,
  check({ accepted_remote_write_protobuf_messages: accepted }, minimumStability) {
    const { message } = writeProtocols.v2;
    if (!accepted.includes(message) || isAllowed('experimental', minimumStability)) return undefined;
    return `accepting ${message} requires stability.level flag to be experimental`;
  },
  build({ args, log, metrics, health }) {
    const api = new WriteApi(args, metrics, log);
    const server = new PushServer(args, api, { log, observer: new HttpServerObserver(metrics), health });
    return {
      exports: {},
      run: (signal) => server.run(signal),
      update: (changed) => server.update(changed),
      close: () => server.close(),
    };
  },
});
