import { component } from '../../component/component.ts';
import { HttpServerObserver } from '../../component/http-server-metrics.ts';
import { PushServer } from '../../net/push-server.ts';
import { apiSourceFields } from './loki.source.api/fields.ts';
import { apiSourceMetrics } from './loki.source.api/metrics.ts';
import { PushApi } from './loki.source.api/push-api.ts';

export const lokiSourceApi = component({
  name: 'loki.source.api',
  stability: 'generally-available',
  doc: `
Takes log entries that clients push over HTTP, as Loki does, so that a program which pushes to Loki can push to it.

| path | what it takes |
| --- | --- |
| \`POST /loki/api/v1/push\`, \`/api/v1/push\`, \`/api/prom/push\` | A push request of Loki: JSON if the Content-Type is \`application/json\`, and protobuf in snappy otherwise. |
| \`POST /loki/api/v1/raw\`, \`/api/v1/raw\` | Lines of text. They get the labels of \`labels\` and nothing else, and the time when they came. |
| \`GET /ready\` | Answers \`ready\`. |

Bodies may be packed with \`gzip\` or \`deflate\`. The header \`X-Scope-OrgID\` of a push request becomes the label
\`__tenant_id__\`, by which \`loki.write\` chooses the tenant; other labels that begin with two underscores are taken away
after the rules.

A client is answered when its entries are delivered, not before: 204 means that every endpoint has them. It is told with
503 to try again if they were refused or not delivered within \`server_write_timeout\`, and with 429 if requests that are
under way take too much memory; entries that it sends again may then arrive twice. What is wrong with a request is
answered with 400, and 413 if it is too large; streams with labels that cannot be read do not keep others from being
sent on.

Unless \`listen_address\` is given, the server listens on all addresses of the machine, as in Alloy. It knows no users: let
only those reach it who may write logs, or ask for certificates with the \`tls\` block. On a reload the server goes on,
also with other labels, rules, times or certificates; only another address makes it listen anew.`,
  example: `
loki.source.api "apps" {
  http {
    listen_address = "127.0.0.1"
    listen_port    = 0
  }

  labels     = {source = "push"}
  forward_to = [loki.echo.out.receiver]
}

loki.echo "out" { }`,
  arguments: apiSourceFields,
  exports: {},
  metrics: apiSourceMetrics,
  build({ args, log, metrics, health }) {
    const api = new PushApi(args, metrics);
    const server = new PushServer(args, api, { log, observer: new HttpServerObserver(metrics), health });
    return {
      exports: {},
      run: (signal) => server.run(signal),
      update: (changed) => server.update(changed),
      close: () => server.close(),
    };
  },
});
