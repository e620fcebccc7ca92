import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError, send, type Consumer } from '../../flow/delivery.ts';
import { converting, type Converter } from './converter.ts';

/** Makes a piece of each character. */
class Characters implements Converter<string, string> {
  #left: string[] = [];

  open(text: string): void {
    this.#left = text.split('');
  }

  next(): string | undefined {
    return this.#left.shift();
  }
}

function counted(): { make(): Characters; made: number } {
  const count = {
    made: 0,
    make() {
      count.made++;
      return new Characters();
    },
  };
  return count;
}

const { signal } = new AbortController();

test('pieces come one after the other, each when the one before was accepted', async () => {
  const came: string[] = [];
  let accept = (): void => undefined;
  const sink: Consumer<string> = {
    consume(piece) {
      came.push(piece);
      return new Promise((resolve) => (accept = resolve));
    },
  };
  const sent = send(
    converting(() => new Characters(), sink),
    'abc',
    signal,
  );
  assert.deepEqual(came, ['a']);
  for (const expected of ['ab', 'abc']) {
    accept();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(came.join(''), expected);
  }
  accept();
  await sent.delivered;
});

test('one converter serves batches that come one after the other', async () => {
  const counter = counted();
  const came: string[] = [];
  const consumer = converting(counter.make, { consume: (piece) => void came.push(piece) });
  await send(consumer, 'ab', signal).delivered;
  await send(consumer, 'cd', signal).delivered;
  assert.deepEqual([counter.made, came.join('')], [1, 'abcd']);
});

test('batches that come while another one waits do not mix with it', async () => {
  const counter = counted();
  const came: string[] = [];
  const consumer = converting(counter.make, {
    async consume(piece) {
      await new Promise((resolve) => setImmediate(resolve));
      came.push(piece);
    },
  });
  await Promise.all(['abc', 'ABC'].map((text) => send(consumer, text, signal).delivered));
  assert.equal(counter.made, 2);
  assert.equal(came.filter((piece) => piece >= 'a').join(''), 'abc');
  assert.equal(came.filter((piece) => piece < 'a').join(''), 'ABC');
});

test('a piece that is refused ends the batch, and the next one begins anew', async () => {
  const came: string[] = [];
  const error = new DeliveryError('no', { retryable: true });
  const consumer = converting(() => new Characters(), {
    consume(piece) {
      came.push(piece);
      return piece === 'b' ? Promise.reject(error) : undefined;
    },
  });
  const sent = send(consumer, 'abc', signal);
  await assert.rejects(sent.accepted, error);
  await assert.rejects(sent.delivered, error);
  await send(consumer, 'x', signal).delivered;
  assert.equal(came.join(''), 'abx');
});
