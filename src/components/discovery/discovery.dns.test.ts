import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Labels } from '../../model/labels.ts';
import { DnsServer, type DnsAnswer, type DnsQuestion } from '../../testkit/dns-server.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { untilWithoutTimers } from '../../testkit/until.ts';
import { discoveryDns, discoveryDnsBy } from './discovery.dns.ts';
import type { NameService } from './discovery.dns/name-service.ts';

type Answers = (question: DnsQuestion) => DnsAnswer | undefined;

const nxdomain = { code: 3 };
const servfail = { code: 2 };

/** For servers that are silent. */
const shortTimeout = { timeout: 250 };

async function startServer(t: TestContext, answers: Answers): Promise<DnsServer> {
  const server = await DnsServer.start(answers);
  t.after(() => server[Symbol.asyncDispose]());
  return server;
}

/** Runs the component with name servers, with timers that only the test moves; those of the resolver go on. */
async function run(t: TestContext, servers: readonly DnsServer[], text: string, more: Partial<NameService> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const addresses = servers.map(({ address }) => address);
  const service = { servers: addresses, search: [], minDots: 1, timeout: 5000, ...more };
  const component = await runComponent(
    discoveryDnsBy(() => Promise.resolve(service)),
    text,
  );
  t.after(() => component[Symbol.asyncDispose]());
  const metric = (name: string): number | undefined => component.metrics()[name];
  return {
    component,
    addresses: () => component.exports.targets.map((labels) => labels.get('__address__')),
    lookups: () => metric('prometheus_sd_dns_lookups_total'),
    failures: () => metric('prometheus_sd_dns_lookup_failures_total'),
    refreshed: (times: number) =>
      untilWithoutTimers(() => metric('prometheus_sd_refresh_duration_seconds_count{mechanism="dns"}') === times),
  };
}

function target(address: string, name: string, more: Readonly<Record<string, string>> = {}): Labels {
  return Labels.fromRecord({
    __address__: address,
    __meta_dns_name: name,
    __meta_dns_srv_record_target: '',
    __meta_dns_srv_record_port: '',
    __meta_dns_mx_record_target: '',
    __meta_dns_ns_record_target: '',
    ...more,
  });
}

const a = (...addresses: readonly string[]): DnsAnswer => addresses.map((address) => ({ type: 'A', address }));

test('records of every type give targets, sorted and with the labels of the type', async (t) => {
  const cases: readonly [text: string, answer: DnsAnswer, targets: readonly Labels[]][] = [
    [
      '',
      [
        { type: 'SRV', host: 'db2.example.com.', port: 3306, priority: 1 },
        { type: 'SRV', host: 'db1.example.com.', port: 3306 },
        { type: 'SRV', host: 'db1.example.com.', port: 3306, priority: 2 },
      ],
      ['db1', 'db2'].map((host) =>
        target(`${host}.example.com:3306`, 'web.example.com', {
          __meta_dns_srv_record_target: `${host}.example.com.`,
          __meta_dns_srv_record_port: '3306',
        }),
      ),
    ],
    [
      'type = "A"\nport = 80',
      a('192.0.2.7', '192.0.2.3'),
      ['192.0.2.3:80', '192.0.2.7:80'].map((address) => target(address, 'web.example.com')),
    ],
    [
      'type = "a"\nport = 80',
      [
        { type: 'CNAME', host: 'example.com' },
        { type: 'A', address: '192.0.2.3' },
      ],
      [target('192.0.2.3:80', 'web.example.com')],
    ],
    [
      'type = "AAAA"\nport = 80',
      [{ type: 'AAAA', address: '2001:db8:0:0:0:0:0:1' }],
      [target('[2001:db8::1]:80', 'web.example.com')],
    ],
    [
      'type = "MX"\nport = 25',
      [{ type: 'MX', host: 'mail.example.com', priority: 10 }],
      [target('mail.example.com:25', 'web.example.com', { __meta_dns_mx_record_target: 'mail.example.com.' })],
    ],
    [
      'type = "ns"\nport = 53',
      [{ type: 'NS', host: 'ns.example.com' }],
      [target('ns.example.com:53', 'web.example.com', { __meta_dns_ns_record_target: 'ns.example.com.' })],
    ],
    ['', [{ type: 'SRV', host: '.', port: 0 }], []],
    ['type = "MX"\nport = 25', [{ type: 'MX', host: '.' }], []],
    ['', [], []],
    ['', [{ type: 'TXT', text: 'what was not asked for' }], []],
    ['type = "A"\nport = 80', [{ type: 'CNAME', host: 'example.com' }], []],
  ];
  for (const [text, answer, targets] of cases) {
    await t.test(`${text.replaceAll('\n', ' ') || 'SRV'} of ${JSON.stringify(answer)}`, async (part) => {
      const server = await startServer(part, () => answer);
      const { component, refreshed, lookups, failures } = await run(
        part,
        [server],
        `names = ["web.example.com"]\n${text}`,
      );
      await refreshed(1);
      assert.deepEqual(component.exports.targets, targets);
      assert.deepEqual([lookups(), failures()], [1, 0]);
    });
  }
});

test('targets come in the order of the names, and names are looked up once', async (t) => {
  const server = await startServer(t, ({ name }) => a(name === 'b.example' ? '192.0.2.1' : '192.0.2.2'));
  const { addresses, refreshed, lookups } = await run(
    t,
    [server],
    'names = ["c.example", "b.example", "c.example"]\ntype = "A"\nport = 1',
  );
  await refreshed(1);
  assert.deepEqual(addresses(), ['192.0.2.2:1', '192.0.2.1:1']);
  assert.equal(lookups(), 2);
});

test('records are asked for after each period, and the same ones in another order are not exported again', async (t) => {
  let answer = a('192.0.2.1', '192.0.2.2');
  const server = await startServer(t, () => answer);
  const { component, addresses, refreshed } = await run(t, [server], 'names = ["a.b"]\ntype = "A"\nport = 1');
  await refreshed(1);
  const first = component.exports.targets;
  answer = a('192.0.2.2', '192.0.2.1');
  t.mock.timers.tick(30_000);
  await refreshed(2);
  t.mock.timers.tick(5000);
  assert.equal(component.exports.targets, first);
  answer = a('192.0.2.2');
  t.mock.timers.tick(25_000);
  await refreshed(3);
  assert.deepEqual(addresses(), ['192.0.2.2:1']);
  assert.ok(server.questions.every(({ name, type }) => name === 'a.b' && type === 'A'));
});

test('a name that does not exist any more loses its targets; one that cannot be looked up keeps them', async (t) => {
  const answers = new Map<string, DnsAnswer | undefined>([
    ['a.example', a('192.0.2.1')],
    ['b.example', a('192.0.2.2')],
  ]);
  const server = await startServer(t, ({ name }) => answers.get(name));
  const { component, addresses, refreshed, failures } = await run(
    t,
    [server],
    'names = ["a.example", "b.example"]\ntype = "A"\nport = 1',
    shortTimeout,
  );
  await refreshed(1);
  answers.set('a.example', nxdomain);
  answers.set('b.example', servfail);
  t.mock.timers.tick(30_000);
  await refreshed(2);
  assert.deepEqual(addresses(), ['192.0.2.2:1']);
  assert.match(component.health, /^unhealthy: b\.example: .*ESERVFAIL/);
  assert.equal(failures(), 1);
  assert.equal(component.logged.length, 1);

  const broken: readonly [answer: DnsAnswer | undefined, problem: RegExp][] = [
    [undefined, /ETIMEOUT/],
    [{ code: 5 }, /EREFUSED/],
    [Buffer.from('this is no answer at all'), /EBADRESP|ETIMEOUT/],
    [Buffer.alloc(0), /EBADRESP|ETIMEOUT/],
  ];
  for (const [index, [answer, problem]] of broken.entries()) {
    answers.set('b.example', answer);
    t.mock.timers.tick(30_000);
    await refreshed(index + 3);
    assert.match(component.health, problem);
    assert.deepEqual(addresses(), ['192.0.2.2:1']);
  }
  answers.set('b.example', a('192.0.2.3'));
  t.mock.timers.tick(30_000);
  await refreshed(broken.length + 3);
  assert.deepEqual(addresses(), ['192.0.2.3:1']);
  assert.equal(component.health, 'healthy: found targets');
});

test('an answer that is too long for UDP comes over TCP', async (t) => {
  const all = Array.from({ length: 200 }, (_, index) => `192.0.2.${index}`);
  const server = await startServer(t, () => a(...all));
  const { addresses, refreshed } = await run(t, [server], 'names = ["a.b"]\ntype = "A"\nport = 1');
  await refreshed(1);
  assert.equal(addresses().length, 200);
  assert.deepEqual(
    server.questions.map(({ transport }) => transport),
    ['udp', 'tcp'],
  );
});

test('an answer that stays too long is a failure', async (t) => {
  const long = a(...Array.from({ length: 200 }, () => '192.0.2.1'));
  const server = await startServer(t, ({ transport }) => (transport === 'udp' ? long : undefined));
  const { refreshed, failures } = await run(t, [server], 'names = ["a.b"]\ntype = "A"\nport = 1', shortTimeout);
  await refreshed(1);
  assert.equal(failures(), 1);
});

test('other servers are asked when one is silent or fails, but not when it knows that there is no such name', async (t) => {
  const cases: readonly [answer: DnsAnswer | undefined, addresses: readonly string[]][] = [
    [undefined, ['192.0.2.1:1']],
    [servfail, ['192.0.2.1:1']],
    [nxdomain, []],
    [[], []],
  ];
  for (const [answer, wanted] of cases) {
    await t.test(JSON.stringify(answer) ?? 'silence', async (part) => {
      const first = await startServer(part, () => answer);
      const second = await startServer(part, () => a('192.0.2.1'));
      const { addresses, refreshed, failures } = await run(
        part,
        [first, second],
        'names = ["a.b"]\ntype = "A"\nport = 1',
        shortTimeout,
      );
      await refreshed(1);
      assert.deepEqual(addresses(), wanted);
      assert.equal(failures(), 0);
    });
  }
});

test('names are looked for in the search domains, and do not exist only if all of them say so', async (t) => {
  const answers = new Map<string, DnsAnswer>([['web.two', a('192.0.2.1')]]);
  const server = await startServer(t, ({ name }) => answers.get(name) ?? nxdomain);
  const { component, addresses, refreshed, failures } = await run(
    t,
    [server],
    'names = ["web"]\ntype = "A"\nport = 1',
    { search: ['one', 'two', 'three'] },
  );
  await refreshed(1);
  assert.deepEqual(component.exports.targets, [target('192.0.2.1:1', 'web')]);
  assert.deepEqual(
    server.questions.map(({ name }) => name),
    ['web.one', 'web.two'],
  );
  answers.set('web.two', servfail);
  t.mock.timers.tick(30_000);
  await refreshed(2);
  t.mock.timers.tick(5000);
  assert.deepEqual([addresses(), failures()], [['192.0.2.1:1'], 1]);
  answers.set('web.two', nxdomain);
  t.mock.timers.tick(25_000);
  await refreshed(3);
  assert.deepEqual([addresses(), failures()], [[], 1]);
});

test('names that cannot be asked for are failures', async (t) => {
  const server = await startServer(t, () => a('192.0.2.1'));
  const long = 'a'.repeat(64);
  const names = JSON.stringify([`${long}.example`, 'a..b', 'ok.example']);
  const { addresses, refreshed, failures } = await run(t, [server], `names = ${names}\ntype = "A"\nport = 1`);
  await refreshed(1);
  assert.equal(failures(), 2);
  assert.deepEqual(addresses(), ['192.0.2.1:1']);
});

test('without a name service every name is a failure', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await using component = await runComponent(
    discoveryDnsBy(() => Promise.reject(new Error('it cannot be read'))),
    'names = ["a.b", "c.d"]',
  );
  await untilWithoutTimers(() => component.metrics()['prometheus_sd_dns_lookup_failures_total'] === 2);
  assert.equal(component.health, 'unhealthy: it cannot be read; it cannot be read');
});

test('it stops at once while servers are silent', async (t) => {
  const server = await startServer(t, () => undefined);
  const { component, failures, lookups } = await run(t, [server], 'names = ["a.b", "c.d"]', {
    timeout: 3_600_000,
    search: ['x', 'y'],
  });
  await untilWithoutTimers(() => server.questions.length === 2);
  await component.stop();
  assert.deepEqual([lookups(), failures()], [0, 0]);
});

test('other arguments take effect at once, and the targets of names that stay too', async (t) => {
  const answers = new Map<string, DnsAnswer>([
    ['a.example', a('192.0.2.1')],
    ['b.example', a('192.0.2.2')],
  ]);
  const server = await startServer(t, ({ name }) => answers.get(name) ?? nxdomain);
  const { component, addresses, refreshed } = await run(
    t,
    [server],
    'names = ["a.example", "b.example"]\ntype = "A"\nport = 1',
  );
  await refreshed(1);
  t.mock.timers.tick(5000);
  answers.set('a.example', servfail);
  await component.update('names = ["c.example", "a.example"]\ntype = "A"\nport = 2');
  await refreshed(2);
  assert.deepEqual(addresses(), ['192.0.2.1:1']);
});

test('mistakes in the arguments are found', () => {
  const names = 'names = ["a"]\n';
  const cases: readonly [text: string, problem: RegExp][] = [
    ['', /missing .*names/],
    [`${names}type = "TXT"`, /"TXT" is not valid: use one of SRV, A, AAAA, MX, NS/],
    ...['A', 'aaaa', 'MX', 'NS'].map((type): [string, RegExp] => [
      `${names}type = "${type}"`,
      new RegExp(`^port is required for records of type ${type.toUpperCase()}$`),
    ]),
    [`${names}port = -1`, /port must be a port between 0 and 65535/],
    [`${names}port = 65536`, /port must be a port between 0 and 65535/],
    [`${names}refresh_interval = "0s"`, /refresh_interval must be greater than 0/],
  ];
  for (const [text, problem] of cases) assert.match(problemsOf(discoveryDns, text).join('\n'), problem, text);
  for (const text of ['names = []', names, `${names}type = "Srv"`, `${names}type = "a"\nport = 1`])
    assert.deepEqual(problemsOf(discoveryDns, text), []);
});
