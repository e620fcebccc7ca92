import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { Program } from '../../src/cli/program.ts';
import { component, type AnyComponent } from '../../src/component/component.ts';
import { prometheusExporterSelf } from '../../src/components/prometheus/prometheus.exporter.self.ts';
import { prometheusExporterUnix } from '../../src/components/prometheus/prometheus.exporter.unix.ts';
import { httpClient } from '../../src/net/http-client.ts';
import { checkHttpClient, httpClientFields } from '../../src/net/http-client-fields.ts';
import { exported } from '../../src/schema/exports.ts';
import { targets } from '../../src/schema/targets.ts';
import { stringType } from '../../src/schema/types.ts';
import { until } from '../../src/testkit/until.ts';

/** Asks each target once, as a scraper would, and tells what it got. */
function fetcher(got: Map<string, string>): AnyComponent {
  return component({
    name: 'test.fetch',
    stability: 'generally-available',
    doc: 'Asks targets.',
    example: '',
    arguments: { ...httpClientFields, targets: targets('What to ask.') },
    exports: { done: exported('Nothing.', stringType) },
    metrics: {},
    check: (args) => checkHttpClient(args),
    build({ args, program }) {
      const client = httpClient(args, program);
      return {
        exports: { done: '' },
        async run(signal) {
          for (const target of args.targets) {
            const at = (name: string): string => target.get(name) ?? '';
            const url = new URL(`${at('__scheme__')}://${at('__address__')}${at('__metrics_path__')}`);
            const wanted = { method: 'GET', url, headers: {}, signal, timeout: 5000, maxResponseBytes: 1 << 24 };
            const { status, body } = await client.request(wanted);
            got.set(at('__meta_component_id'), `${status} ${body.toString()}`);
          }
          client.close();
        },
      };
    },
  });
}

async function start(t: TestContext, config: string): Promise<{ program: Program; got: Map<string, string> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'exporters-'));
  t.after(() => rm(folder, { recursive: true }));
  const configPath = path.join(folder, 'config.alloy');
  await writeFile(configPath, config);
  const got = new Map<string, string>();
  const specs: readonly AnyComponent[] = [prometheusExporterSelf, prometheusExporterUnix, fetcher(got)];
  const program = new Program({
    components: new Map(specs.map((spec) => [spec.name, spec])),
    version: 'v1.2.3',
    minimumStability: 'experimental',
    configPath,
    storagePath: folder,
    nodeName: '',
    listenAddress: { host: '127.0.0.1', port: 0 },
    memoryAddress: 'here.internal:1',
    uiPathPrefix: '/',
    writeLog: () => undefined,
  });
  await program.http.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await program.runtime.stop(1000);
    await program.http.close(0);
  });
  const { isLoaded, diagnostics } = await program.load();
  assert.ok(isLoaded, diagnostics.map(({ message }) => message).join('\n'));
  return { program, got };
}

const exporters = `
  prometheus.exporter.self "me" { }
  prometheus.exporter.unix {
    set_collectors = ["loadavg"]
  }
`;

test('exporters are asked in memory by their targets, and over the network by the path of those', async (t) => {
  const { program, got } = await start(
    t,
    `${exporters}
    test.fetch "all" {
      targets = array.concat(prometheus.exporter.self.me.targets, prometheus.exporter.unix.targets)
    }`,
  );
  await until(() => got.size === 2);
  assert.match(got.get('prometheus.exporter.self.me') ?? '', /^200 [^]*\nalloy_build_info{version="v1\.2\.3"/);
  assert.match(got.get('prometheus.exporter.unix') ?? '', /^200 [^]*\nnode_load1 /);

  const url = `http://127.0.0.1:${program.http.address?.port}/api/v0/component/prometheus.exporter.unix`;
  const response = await fetch(`${url}/metrics`);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.match(await response.text(), /^node_load1 /m);
  assert.equal((await fetch(`${url}/other`)).status, 404);
  assert.equal((await fetch(`${url}.other/metrics`)).status, 404);
});

test('who must log in over the network must do so in memory', async (t) => {
  const { got } = await start(
    t,
    `http {
      auth {
        basic {
          username = "user"
          password = "pass"
        }
      }
    }
    ${exporters}
    test.fetch "anyone" {
      targets = prometheus.exporter.self.me.targets
    }
    test.fetch "user" {
      targets = prometheus.exporter.unix.targets
      basic_auth {
        username = "user"
        password = "pass"
      }
    }`,
  );
  await until(() => got.size === 2);
  assert.match(got.get('prometheus.exporter.self.me') ?? '', /^401 /);
  assert.match(got.get('prometheus.exporter.unix') ?? '', /^200 /);
});
