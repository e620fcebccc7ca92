import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { CertificateAuthority } from '../../src/testkit/certificates.ts';
import { ChildProgram } from '../../src/testkit/child-program.ts';
import { startHttpCollector } from '../../src/testkit/otlp-collector.ts';
import { traceRequest } from '../../src/testkit/otlp-samples.ts';
import { freePort } from '../../src/testkit/test-server.ts';
import { until } from '../../src/testkit/until.ts';

const handlers = `
  otelcol.auth.basic "right" {
    client_auth {
      username = "mill"
      password = "wheel"
    }
    htpasswd {
      inline = "mill:{SHA}OnGV2Zvua7FarPAqENVrTL1lsf4="
    }
  }
  otelcol.auth.basic "wrong" {
    client_auth {
      username = "mill"
      password = "stone"
    }
  }
  otelcol.auth.bearer "right" {
    token = "opensesame"
  }
  otelcol.auth.bearer "wrong" {
    token = "closesesame"
  }`;

/** A hop that sends with the credentials of a handler, to a receiver that wants those of another one. */
function hop(kind: 'basic' | 'bearer', which: 'right' | 'wrong', from: number, to: number, ca: string): string {
  const isGrpc = kind === 'bearer';
  const exporter = isGrpc ? 'otelcol.exporter.otlp' : 'otelcol.exporter.otlphttp';
  const label = `${kind}_${which}`;
  const endpoint = isGrpc
    ? `endpoint = "127.0.0.1:${to}"
       tls {
         ca_file = "${ca}"
       }`
    : `endpoint = "http://127.0.0.1:${to}"`;
  return `
  otelcol.receiver.otlp "${label}" {
    http {
      endpoint = "127.0.0.1:${from}"
    }
    output {
      traces = [${exporter}.${label}.input]
    }
  }
  ${exporter} "${label}" {
    client {
      ${endpoint}
      auth = otelcol.auth.${kind}.${which}.handler
    }
  }`;
}

test('exporters show who they are, and receivers take it only from those who may send', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'credentials-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const authority = new CertificateAuthority('test');
  const { cert, key } = authority.issue('collector', 'IP:127.0.0.1');
  const pem = { ca: authority.cert, cert, key };
  for (const [name, text] of Object.entries(pem)) writeFileSync(path.join(folder, name), text);
  const ca = path.join(folder, 'ca');
  await using collector = await startHttpCollector();
  const ports = await Promise.all(Array.from({ length: 7 }, () => freePort()));
  const [api = 0, http = 0, grpc = 0, ...hops] = ports;
  const [basicRight = 0, basicWrong = 0, bearerRight = 0, bearerWrong = 0] = hops;
  const file = path.join(folder, 'config.alloy');
  writeFileSync(
    file,
    `${handlers}
  ${hop('basic', 'right', basicRight, http, ca)}
  ${hop('basic', 'wrong', basicWrong, http, ca)}
  ${hop('bearer', 'right', bearerRight, grpc, ca)}
  ${hop('bearer', 'wrong', bearerWrong, grpc, ca)}
  otelcol.receiver.otlp "guarded" {
    http {
      endpoint = "127.0.0.1:${http}"
      auth     = otelcol.auth.basic.right.handler
    }
    grpc {
      endpoint = "127.0.0.1:${grpc}"
      auth     = otelcol.auth.bearer.right.handler
      tls {
        cert_file = "${path.join(folder, 'cert')}"
        key_file  = "${path.join(folder, 'key')}"
      }
    }
    output {
      traces = [otelcol.exporter.otlphttp.out.input]
    }
  }
  otelcol.exporter.otlphttp "out" {
    client {
      endpoint = "${collector.endpoint}"
    }
  }`,
  );
  await using program = new ChildProgram('bin/millrace', [
    'run',
    `--storage.path=${folder}/data`,
    `--server.http.listen-addr=127.0.0.1:${api}`,
    file,
  ]);
  await program.says(/Millrace is running/);
  for (const port of hops) {
    const body = new Uint8Array(traceRequest({ spans: 3 }));
    const headers = { 'content-type': 'application/x-protobuf' };
    const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, { method: 'POST', headers, body });
    assert.equal(response.status, 200);
  }
  await collector.accepted(6);
  const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${api}/metrics`)).text();
  for (const component of ['otlphttp.basic_wrong', 'otlp.bearer_wrong']) {
    const failed = new RegExp(
      `^otelcol_exporter_send_failed_spans_total\\{.*component_id="otelcol.exporter.${component}".*\\} 3$`,
      'm',
    );
    await until(async () => failed.test(await metrics()));
  }
  assert.equal(collector.spans.length, 6);
  assert.match(await metrics(), /invalid_requests_total\{.*transport="http",reason="unauthenticated".*\} 1$/m);
  assert.doesNotMatch(program.stderr, /wheel|stone|sesame/);
});
