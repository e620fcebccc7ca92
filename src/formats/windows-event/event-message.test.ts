import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readEventMessage } from './event-message.ts';

const crlf = (...lines: readonly string[]) => lines.join('\r\n');

function fields(message: string): [key: string, value: string][] {
  return readEventMessage(message).map(({ key, value }) => [key, value]);
}

test('the first section is the description, as it is written', () => {
  assert.deepEqual(fields('The service was started.'), [['Description', 'The service was started.']]);
  assert.deepEqual(fields('Package: 5 is staged. Client: x.'), [['Description', 'Package: 5 is staged. Client: x.']]);
  assert.deepEqual(fields(''), [['Description', '']]);
  assert.deepEqual(fields('One\r\nTwo: 2\r\n\r\nKey: 3'), [
    ['Description', 'One\r\nTwo: 2'],
    ['Key', '3'],
  ]);
});

test('sections give keys and values, with the title in front', () => {
  const message = crlf(
    'An account was logged on.',
    '',
    'Subject:',
    '\tSecurity ID:\t\tS-1-5-18',
    '\tAccount Name:\t\tHOST$',
    '\tLogon ID:\t\t0x3E7',
    '',
    'Logon Type:\t\t\t5',
    '',
    'Process Information:',
    '\tProcess ID:\t\t0x2a4',
    '\tProcess Name:\t\tC:\\Windows\\System32\\services.exe',
    '',
    'Detailed Authentication Information:',
    '\tLogon Process:\t\tAdvapi  ',
    '\tTransited Services:\t',
    '\tPackage Name (NTLM only):\t-',
    '',
    'This event is generated when a session is created. It is generated on the computer that was accessed.',
    '',
    'The fields tell which account that was.',
    '\t- The first of them is the most useful one.',
    '',
  );
  assert.deepEqual(fields(message).slice(1), [
    ['Subject_SecurityID', 'S-1-5-18'],
    ['Subject_AccountName', 'HOST$'],
    ['Subject_LogonID', '0x3E7'],
    ['LogonType', '5'],
    ['ProcessInformation_ProcessID', '0x2a4'],
    ['ProcessInformation_ProcessName', 'C:\\Windows\\System32\\services.exe'],
    ['DetailedAuthenticationInformation_LogonProcess', 'Advapi'],
    ['DetailedAuthenticationInformation_TransitedServices', ''],
    ['DetailedAuthenticationInformation_PackageName(NTLMonly)', '-'],
  ]);
});

test('lines without a colon go on with the value before them', () => {
  const cases: readonly [section: string[], want: [string, string][]][] = [
    [['Privileges:\t\tSeTcbPrivilege', '\t\t\tSeDebugPrivilege', '\t\t\tSeAuditPrivilege'],
      [['Privileges', 'SeTcbPrivilege,SeDebugPrivilege,SeAuditPrivilege']]],
    [['Groups:', '\tAdministrators', '\tUsers'], [['Groups', 'Administrators,Users']]],
    [['Groups:', '\tFirst:', '\t\tone', '\t\ttwo', '\tSecond: x'], [['Groups_First', 'one,two'], ['Groups_Second', 'x']]],
    [['A: 1', '', ' \t', '2'], [['A', '1']]],
    [['A: 1', ' ', '2'], [['A', '1,2']]],
    [['No key', 'A: 1', '2'], [['A', '1,2']]],
    [['', 'Title:', 'A: 1'], [['Title_A', '1']]],
  ]; // prettier-ignore
  for (const [section, want] of cases) assert.deepEqual(fields(crlf('x', '', ...section)).slice(1), want, section[0]);
});

test('keys lose all white space, and values only that around them', () => {
  assert.deepEqual(fields('x\r\n\r\n\t A \tb\n c\r : \t v : w \r\n: none').slice(1), [
    ['Abc', 'v : w'],
    ['', 'none'],
  ]);
});

test('other line ends divide nothing', () => {
  assert.deepEqual(fields('x\n\nA: 1'), [['Description', 'x\n\nA: 1']]);
});

test('any message is read, and fields hold nothing that is not in it', () => {
  const part = fc.oneof(
    fc.constantFrom('\r\n', '\r\n\r\n', ':', 'Key: value', 'Title:', '\t', ' ', '\r', '\n', '\ufffd', '😀'),
    fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes).toString()),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const message = parts.join('');
      const [description, ...others] = fields(message);
      assert.ok(message.startsWith(description?.[1] ?? 'none'));
      for (const [key, value] of others) {
        assert.doesNotMatch(key, /[\t\r\n :]/);
        assert.equal(value, value.trim());
        for (const text of value.split(',')) assert.ok(message.includes(text));
      }
    }),
  );
});
