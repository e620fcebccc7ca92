import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../base/parse-error.ts';
import {
  acknowledgedExcept,
  formatAcknowledged,
  highestOf,
  isAcknowledged,
  parseAcknowledged,
} from './acknowledged.ts';

test('what is acknowledged is told from what is not, and is read as it was written', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 40 })), fc.nat(40), (numbers, highest) => {
      const open = numbers.toSorted((a, b) => a - b).filter((number) => number !== highest);
      const acknowledged = acknowledgedExcept(open, highest);
      for (let number = 1; number <= 45; number++) {
        assert.equal(isAcknowledged(acknowledged, number), number <= highest && !open.includes(number), `${number}`);
      }
      if (highest > 0) assert.equal(highestOf(acknowledged), highest);
      assert.deepEqual(parseAcknowledged(formatAcknowledged(acknowledged)), acknowledged);
    }),
  );
});

test('any damage to the text is noticed', () => {
  const text = formatAcknowledged({ next: 17, ranges: [[19, 25], [30, 30]] }); // prettier-ignore
  for (let at = 0; at < text.length; at++) {
    assert.ok(parseAcknowledged(text.slice(0, at)) instanceof ParseError, text.slice(0, at));
    const flipped = Buffer.from(text);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    assert.ok(parseAcknowledged(flipped.toString('latin1')) instanceof ParseError, flipped.toString('latin1'));
  }
});
