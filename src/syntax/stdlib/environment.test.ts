import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processEnvironment } from './environment.ts';

test('versions begin with a v, and an unknown one is v0.0.0', () => {
  assert.equal(processEnvironment('1.2.3').version, 'v1.2.3');
  assert.equal(processEnvironment('v1.2.3').version, 'v1.2.3');
  assert.equal(processEnvironment('').version, 'v0.0.0');
});

test('the system has the name that Go gives it', () => {
  const { os, arch } = processEnvironment('');
  assert.ok(['linux', 'darwin', 'windows', 'freebsd'].includes(os), os);
  assert.ok(['amd64', 'arm64', '386', 'arm', 'ppc64le', 's390x', 'riscv64'].includes(arch), arch);
});

test('environment variables are those of the process', () => {
  assert.equal(processEnvironment('').variable('PATH'), process.env['PATH']);
  assert.equal(processEnvironment('').variable('NO_SUCH_VARIABLE_IS_SET'), undefined);
});
