import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { AnyComponent } from '../../../../component/component.ts';
import { Runtime } from '../../../../runtime/runtime.ts';
import { oneLine } from '../../../../syntax/diagnostic.ts';
import { sendEntries } from '../../../../testkit/log-entries.ts';
import { mmdbOf, type MmdbValue } from '../../../../testkit/mmdb-writer.ts';
import { problemsOf, putThrough, runComponent } from '../../../../testkit/run-component.ts';
import { runtimeOptions } from '../../../../testkit/runtime-options.ts';
import { lokiProcess } from '../../loki.process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'geoip-'));
after(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

const names = (en: string): MmdbValue => ({ de: `${en} auf Deutsch`, en });
const bergen: MmdbValue = {
  city: { geoname_id: 3161732, names: names('Bergen') },
  continent: { code: 'EU', names: names('Europe') },
  country: { iso_code: 'NO', names: names('Norway') },
  location: { accuracy_radius: 5, latitude: 60.3913, longitude: 0, time_zone: 'Europe/Oslo' },
  postal: { code: '5003' },
  subdivisions: [
    { iso_code: '46', names: names('Vestland') },
    { iso_code: '4601', names: names('Bergen municipality') },
  ],
};
const city = fileOf(
  'city.mmdb',
  mmdbOf({
    '203.0.113.0/24': bergen,
    '198.51.100.0/24': { country: { iso_code: '', names: names('Nowhere') }, location: { latitude: 0, longitude: 0 } },
    '2001:db8::/32': { city: { names: names('Six') } },
    '192.0.2.0/24': 'no object',
  }),
);
const asn = fileOf(
  'asn.mmdb',
  mmdbOf({
    '203.0.113.0/24': { autonomous_system_number: 64500, autonomous_system_organization: 'Example Net' },
    '198.51.100.0/24': { autonomous_system_number: 0, autonomous_system_organization: '' },
  }),
);

const fields = ['city_name', 'country_name', 'country_code', 'continent_name', 'continent_code', 'location_latitude',
  'location_longitude', 'postal_code', 'timezone', 'subdivision_name', 'subdivision_code', 'autonomous_system_number',
  'autonomous_system_organization']; // prettier-ignore

const geoip = (db: string, more: string) => `stage.geoip {\n db = "${db}"\n source = "ip"\n ${more}\n}`;

/** What is extracted for an address, without what all names begin with. */
async function extracted(db: string, more: string, ip: string, others: readonly string[] = []) {
  const values = [...fields.map((field) => `geoip_${field}`), ...others].map((name) => `${name} = ""`);
  const text = `${geoip(db, more)}\nstage.label_drop { values = ["ip"] }\nstage.labels { values = { ${values.join(', ')} } }`;
  const { entries } = await putThrough(lokiProcess, text, { line: 'x', labels: { ip } });
  const labels = Object.entries(entries[0]?.labels ?? {});
  return Object.fromEntries(labels.map(([name, value]) => [name.replace('geoip_', ''), value]));
}

test('what a database says about an address is extracted', async () => {
  const norway = { continent_code: 'EU', continent_name: 'Europe', country_code: 'NO', country_name: 'Norway' };
  const whole = {
    ...norway,
    city_name: 'Bergen',
    location_latitude: '60.3913',
    location_longitude: '0',
    postal_code: '5003',
    subdivision_code: '4601',
    subdivision_name: 'Bergen municipality',
    timezone: 'Europe/Oslo',
  };
  const system = { autonomous_system_number: '64500', autonomous_system_organization: 'Example Net' };
  const cases: readonly [db: string, type: string, ip: string, values: Readonly<Record<string, string>>][] = [
    [city, 'city', '203.0.113.7', whole],
    [city, 'city', '::ffff:203.0.113.7', whole],
    [city, 'country', '203.0.113.7', norway],
    [city, 'city', '198.51.100.1', { country_name: 'Nowhere' }],
    [city, 'city', '2001:db8::1', { city_name: 'Six' }],
    [city, 'city', '192.0.2.1', {}],
    [city, 'city', '10.0.0.1', {}],
    [city, 'city', 'localhost', {}],
    [city, 'asn', '203.0.113.7', {}],
    [asn, 'asn', '203.0.113.7', system],
    [asn, 'asn', '198.51.100.1', {}],
    [asn, 'city', '203.0.113.7', {}],
  ];
  for (const [db, type, ip, values] of cases) {
    assert.deepEqual(await extracted(db, `db_type = "${type}"`, ip), values, `${type} of ${ip}`);
  }
});

test('expressions on the record are extracted under their names', async () => {
  const lookups = `custom_lookups = {
    zone = "location.time_zone", radius = "location.accuracy_radius", first = "subdivisions[0].names.de",
    postal = "", "postal.code" = "", missing = "nothing.here", broken = "length(postal.code.x)",
  }`;
  const others = ['zone', 'radius', 'first', 'postal', 'missing', 'broken'];
  const values = await extracted(city, lookups, '203.0.113.7', others);
  assert.deepEqual(values, { first: 'Vestland auf Deutsch', radius: '5', zone: 'Europe/Oslo' });
  const both = await extracted(asn, `db_type = "asn"\n${lookups}`, '203.0.113.7', others);
  assert.deepEqual(both, { autonomous_system_number: '64500', autonomous_system_organization: 'Example Net' });
});

test('an entry without an address passes as it is, and what is no address is logged once', async () => {
  const text = `stage.json { expressions = { ip = "", found = "" } }
    ${geoip(city, 'db_type = "city"')}
    stage.labels { values = { geoip_city_name = "" } }
    forward_to = [out]`;
  await using c = await runComponent(lokiProcess, text);
  const lines = ['no JSON', '{"ip":null}', '{"ip":1}', '{"ip":"x"}', '{"ip":"y"}', '{"ip":"203.0.113.1"}'];
  await sendEntries(c.exports.receiver, ...lines).delivered;
  assert.equal(c.out.count, lines.length);
  assert.ok(c.out.texts.at(-1)?.includes('Bergen'));
  assert.deepEqual(
    c.logged.map(({ level, message, fields: logged }) => [level, message, logged['value']]),
    [['warn', 'what should be looked up is no IP address', '1']],
  );
});

test('a broken record is logged once, and other addresses are found', async () => {
  const bytes = mmdbOf({ '10.0.0.0/8': 'ten', '203.0.113.0/24': bergen }, { ipVersion: 4 });
  // The type of a record that there is none of.
  const at = bytes.indexOf(Buffer.from([0x43, ...Buffer.from('ten')]));
  bytes.writeUInt16BE(0x00ff, at);
  const text = `${geoip(fileOf('broken.mmdb', bytes), 'db_type = "city"')}
    stage.labels { values = { geoip_city_name = "" } }
    forward_to = [out]`;
  await using c = await runComponent(lokiProcess, text);
  const addresses = ['10.0.0.1', '10.0.0.2', '203.0.113.1'];
  await sendEntries(c.exports.receiver, ...addresses.map((ip) => ({ line: 'x', labels: { ip } }))).delivered;
  assert.equal(c.out.texts.filter((entry) => entry.includes('Bergen')).length, 1);
  assert.deepEqual(
    c.logged.map(({ message, fields: logged }) => [message, logged['value']]),
    [['cannot look up an IP address', '10.0.0.1']],
  );
});

test('a database that cannot be read fails the load, and not the check', async () => {
  const noDatabase = fileOf('text.mmdb', Buffer.from('no database'));
  for (const [db, problem] of [
    [path.join(folder, 'missing.mmdb'), /cannot open the GeoIP database ".*missing\.mmdb": ENOENT/],
    [noDatabase, /cannot open the GeoIP database ".*text\.mmdb": ./],
  ] as const) {
    const runtime = new Runtime(runtimeOptions(new Map([[lokiProcess.name, lokiProcess as unknown as AnyComponent]])));
    const text = `loki.process "p" {\n${geoip(db, 'db_type = "city"')}\nforward_to = []\n}`;
    const config = { sources: [{ name: 'test.alloy', text }], modulePath: '/' };
    assert.deepEqual((await runtime.check(config)).map(oneLine), []);
    const { isLoaded, diagnostics } = await runtime.load(config);
    assert.ok(!isLoaded);
    assert.match(diagnostics.map(oneLine).join('\n'), problem);
    await runtime.stop(1000);
  }
});

test('very many addresses are looked up, of which some are remembered', async () => {
  const text = `stage.regex { expression = "(?P<ip>.+)" }\n${geoip(city, 'db_type = "city"')}\nstage.labels { values = { geoip_city_name = "" } }\nforward_to = [out]`;
  await using c = await runComponent(lokiProcess, text);
  const addresses = Array.from({ length: 30_000 }, (_, index) => `203.0.${113 + (index % 2)}.${index % 256}`);
  const others = Array.from(
    { length: 20_000 },
    (_, index) => `10.${index >> 16}.${(index >> 8) & 0xff}.${index & 0xff}`,
  );
  const entries = [...addresses, ...others].map((line) => ({ line }));
  await sendEntries(c.exports.receiver, ...entries).delivered;
  assert.equal(c.out.texts.filter((entry) => entry.includes('Bergen')).length, 15_000);
});

test('arguments that make no sense are refused', () => {
  const cases: readonly [args: string, problem: string][] = [
    ['db = ""\nsource = "ip"\ndb_type = "city"', '2:6: db path cannot be empty'],
    ['db = "x"\nsource = ""\ndb_type = "city"', '3:10: source cannot be empty'],
    ['db = "x"\nsource = "ip"', '1:1: `db_type` or `custom_lookups` must be set'],
  ];
  for (const [args, problem] of cases)
    assert.deepEqual(problemsOf(lokiProcess, `stage.geoip {\n${args}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  const [message = ''] = problemsOf(
    lokiProcess,
    'stage.geoip {\ndb = "x"\nsource = "ip"\ncustom_lookups = { a = "b[" }\n}\nforward_to = [out]',
  );
  assert.ok(message.includes('is not valid: could not compile JMES expression'), message);
  const [unknown = ''] = problemsOf(
    lokiProcess,
    'stage.geoip {\ndb = "x"\nsource = "ip"\ndb_type = "isp"\n}\nforward_to = [out]',
  );
  assert.ok(unknown.endsWith('want one of "", "city", "asn", "country"'), unknown);
});
