import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const droppedSeries = 'loki_process_dropped_lines_total{reason="windowsevent_no_text"}';

const message = [
  'Special privileges were assigned.',
  '',
  'Subject:',
  '\tSecurity ID:\t\tS-1-5-18',
  '\tLogon ID:\t\t0x3E7',
  '',
  'Privileges:\t\tSeTcbPrivilege',
  '\t\t\tSeDebugPrivilege',
  '',
  'Detailed Authentication Information:',
  '\tPackage Name (NTLM only):\t-',
  '',
  'This is said of events like that.',
].join('\r\n');

/** What is extracted from a message besides the message itself, which is a JSON field. */
async function extracted(text: string, args = '', labels: Readonly<Record<string, string>> = {}): Promise<object> {
  const stages = `
    stage.json { expressions = { message = "" } }
    stage.windowsevent {\n${args}\n}
    stage.structured_metadata { regex = "." }`;
  const line = JSON.stringify({ message: text });
  const { entries } = await putThrough(lokiProcess, stages, { line, labels });
  const { message: _message, ...others } = entries[0]?.metadata ?? {};
  return others;
}

test('the description, and the keys of the sections with their titles are extracted', async () => {
  assert.deepEqual(await extracted(message), {
    Description: 'Special privileges were assigned.',
    Subject_SecurityID: 'S-1-5-18',
    Subject_LogonID: '0x3E7',
    Privileges: 'SeTcbPrivilege,SeDebugPrivilege',
    'DetailedAuthenticationInformation_PackageName(NTLMonly)': '-',
  });
  assert.deepEqual(await extracted('One sentence: no more.'), { Description: 'One sentence: no more.' });
});

test('only what is asked for becomes labels', async () => {
  const stages = `
    stage.windowsevent { source = "text" }
    stage.labels { values = { id = "Subject_SecurityID", Privileges = "", none = "Subject" } }`;
  const { entries } = await putThrough(lokiProcess, stages, { line: 'x', labels: { text: message } });
  assert.deepEqual(entries, [
    { line: 'x', labels: { text: message, id: 'S-1-5-18', Privileges: 'SeTcbPrivilege,SeDebugPrivilege' } },
  ]);
});

test('a key that is there gets another name, or its value is replaced', async () => {
  const text = 'new\r\n\r\nKey: new\r\nOther: 1\r\nOther: 2';
  const labels = { Key: 'old', Description: 'old' };
  assert.deepEqual(await extracted(text, '', labels), {
    Key: 'old',
    Key_extracted: 'new',
    Description: 'old',
    Description_extracted: 'new',
    Other: '1',
    Other_extracted: '2',
  });
  const stages = `
    stage.windowsevent { overwrite_existing = true }
    stage.labels { values = { a = "Key", b = "Description", c = "Other", d = "Key_extracted" } }`;
  const { entries } = await putThrough(lokiProcess, stages, { line: 'x', labels: { ...labels, message: text } });
  assert.deepEqual(entries[0]?.labels, { ...labels, message: text, a: 'new', b: 'new', c: '2' });
});

test('keys that are empty or broken get a similar name, or are left out', async () => {
  const text = 'x\r\n\r\nKe\ufffdy: 1\r\n: 2\r\nGröße (m): 3';
  assert.deepEqual(await extracted(text), { Description: 'x', Ke_y: '1', _: '2', 'Größe(m)': '3' });
  assert.deepEqual(await extracted(text, 'drop_invalid_labels = true'), { Description: 'x', 'Größe(m)': '3' });

  const broken = Buffer.concat([Buffer.from('x\r\n\r\nKe'), Buffer.from([0xff]), Buffer.from('y: 1')]);
  const stages = `
    stage.regex { expression = "(?s)(?P<message>.*)" }
    stage.windowsevent { drop_invalid_labels = true }
    stage.structured_metadata { regex = "Ke|Desc" }`;
  const { entries } = await putThrough(lokiProcess, stages, { line: broken });
  assert.deepEqual(entries[0]?.metadata, { Description: 'x' });
});

test('without a message the entry passes, and with one that is no text it is dropped and counted', async () => {
  const stages = `
    stage.json { expressions = { message = "" } }
    stage.windowsevent { }`;
  const { entries, metrics } = await putThrough(lokiProcess, stages, 'no JSON', '{"message":null}', '{"message":5}');
  assert.deepEqual(entries, [{ line: 'no JSON' }, { line: '{"message":5}' }]);
  assert.equal(metrics[droppedSeries], 1);
});

test('any message is read', async () => {
  const part = fc.oneof(
    fc.constantFrom('\r\n', '\r\n\r\n', ':', 'Key: value', 'Title:', '\t', '\ufffd', '__proto__: x'),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString()),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 20 }), async (parts) => {
      const text = parts.join('');
      const found = await extracted(text);
      assert.equal(Object.entries(found).find(([key]) => key === 'Description')?.[1], text.split('\r\n\r\n')[0]);
      assert.ok(Object.keys(found).every((key) => key !== '' && !key.includes('\ufffd')));
    }),
    { numRuns: 200 },
  );
});

test('the source must have a name', () => {
  assert.deepEqual(problemsOf(lokiProcess, 'stage.windowsevent { source = "" }\nforward_to = [out]'), [
    'test.alloy:1:31: source must not be empty',
  ]);
});
