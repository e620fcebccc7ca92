import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBuilder } from './byte-builder.ts';

test('bytes and text are put one behind the other', () => {
  const builder = new ByteBuilder();
  const bytes = Buffer.from('__ab__');
  assert.equal(builder.append(bytes, 2, 4), 0);
  assert.equal(builder.appendText('é'), 2);
  assert.equal(builder.append(bytes, 6, 6), 4);
  assert.equal(builder.appendText(''), 4);
  assert.equal(builder.size, 4);
  assert.equal(builder.copy().toString(), 'abé');
});

test('what another builder has is put behind as it is, whatever its size', () => {
  const source = new ByteBuilder();
  source.appendAscii('0123456789'.repeat(20));
  const text = source.copy().toString();
  const builder = new ByteBuilder();
  let expected = '';
  for (let size = 0; size <= text.length; size++) {
    builder.appendFrom(source, text.length - size, text.length);
    builder.appendFrom(source, 1, 1 + Math.min(size, 9));
    expected += text.slice(text.length - size) + text.slice(1, 1 + Math.min(size, 9));
    assert.equal(builder.copy().toString(), expected);
  }
});

test('all of the memory of another builder can be put behind', () => {
  const source = new ByteBuilder();
  source.append(Buffer.alloc(256, 'abc'), 0, 256);
  assert.equal(source.reserve(0).length, 256);
  const builder = new ByteBuilder();
  builder.appendFrom(source, 250, 256);
  assert.equal(builder.copy().toString(), 'bcabca'.slice(0, 6));
});

test('it grows with what is put into it', () => {
  const builder = new ByteBuilder();
  const parts = [1, 255, 256, 257, 5000, 70_000].map((size) => Buffer.alloc(size, size));
  for (const part of parts) builder.append(part, 0, part.length);
  builder.appendText('é'.repeat(1000));
  assert.deepEqual(builder.copy(), Buffer.concat([...parts, Buffer.from('é'.repeat(1000))]));
});

test('bytes can be written in place', () => {
  const builder = new ByteBuilder();
  builder.appendText('a');
  const memory = builder.reserve(1000);
  assert.ok(memory.length >= 1001);
  memory[1] = 0x62;
  builder.advanceTo(2);
  assert.equal(builder.copy().toString(), 'ab');
});

test('a copy has memory of its own, and a range can be copied elsewhere', () => {
  const builder = new ByteBuilder();
  builder.appendText('abcd');
  const copy = builder.copy();
  const target = Buffer.from('....');
  builder.copyTo(target, 1, 1, 3);
  builder.clear();
  builder.appendText('xxxx');
  assert.equal(copy.toString(), 'abcd');
  assert.equal(target.toString(), '.bc.');
});

test('much memory is given back when it is emptied', () => {
  const builder = new ByteBuilder();
  builder.append(Buffer.alloc(3 * 1024 * 1024), 0, 3 * 1024 * 1024);
  builder.clear();
  assert.equal(builder.size, 0);
  assert.ok(builder.reserve(1).length < 1024 * 1024);
  builder.append(Buffer.alloc(1000), 0, 1000);
  builder.clear();
  assert.ok(builder.reserve(1).length >= 1000, 'little memory is kept');
});
