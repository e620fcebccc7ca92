import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { DeliveryError, type Consumer } from '../../../flow/delivery.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import { logs } from '../../../model/signal.ts';
import { receiverFor } from '../../../testkit/arguments.ts';
import { collect } from '../../../testkit/collect.ts';
import { entriesIn, sendEntries, type TestEntry } from '../../../testkit/log-entries.ts';
import { runComponent } from '../../../testkit/run-component.ts';
import { settled } from '../../../testkit/sink.ts';
import { lokiProcess } from '../loki.process.ts';

const apps = ['a', 'b', 'c'] as const;

interface Part {
  readonly app: (typeof apps)[number];
  /** Whether it is a part of a CRI line, and whether it is the first of a block. */
  readonly isPartial: boolean;
  readonly isFirst: boolean;
}

const part: fc.Arbitrary<Part> = fc.record({
  app: fc.constantFrom(...apps),
  isPartial: fc.boolean(),
  isFirst: fc.boolean(),
});
const step = fc.record({
  parts: fc.array(part, { minLength: 1, maxLength: 6 }),
  /** For each attempt to send, how it is answered. */
  refusals: fc.array(fc.boolean(), { maxLength: 3 }),
});
type BatchStep = { readonly parts: readonly Part[]; readonly refusals: readonly boolean[] };

const notNow = new DeliveryError('not now', { retryable: true });

/** Refuses as it is told, at once or later, and delivers everything else. */
class MoodySink implements Consumer<LogBatch> {
  readonly out = collect(logs);
  refusals: boolean[] = [];

  consume(batch: LogBatch, delivery: Parameters<Consumer<LogBatch>['consume']>[1]): Promise<void> | void {
    const isLate = this.refusals.shift();
    if (isLate === false) throw notNow;
    if (isLate === true) return settled().then(() => Promise.reject(notNow));
    return this.out.consume(batch, delivery);
  }
}

async function running(sink: MoodySink, stages: string) {
  return runComponent(lokiProcess, `${stages}\nforward_to = [sink]`, { names: { sink: receiverFor(logs, sink) } });
}

/** Entries of parts, each with a number of its own; whoever is not the first of a block has a letter in front. */
function entriesOf(parts: readonly Part[], next: () => number): TestEntry[] {
  return parts.map(({ app, isPartial, isFirst }) => ({
    line: `t stdout ${isPartial ? 'P' : 'F'} ${isFirst ? '' : 'x'}${next()},`,
    labels: { app },
  }));
}

/** What cri and multiline make of lines, told in the plainest way. */
function blocksOf(entries: readonly TestEntry[], maxLines: number): Map<string, string[]> {
  const all = new Map(apps.map((app) => [app as string, [] as string[]]));
  const open = new Map<string, { first: boolean; lines: string[] }>();
  const partial = new Map<string, string>();
  for (const { line, labels } of entries) {
    const app = labels?.['app'] ?? '';
    const [, , flag, content = ''] = String(line).split(' ');
    const whole = (partial.get(app) ?? '') + content;
    partial.set(app, flag === 'P' ? whole : '');
    if (flag === 'P') continue;
    const out = all.get(app) ?? [];
    const known = open.get(app);
    if (known === undefined && whole.startsWith('x')) {
      out.push(whole);
      continue;
    }
    const lines = known?.lines ?? [];
    open.set(app, { first: true, lines });
    if (!whole.startsWith('x') && lines.length > 0) out.push(lines.splice(0).join('\n'));
    lines.push(whole);
    if (lines.length === maxLines) out.push(lines.splice(0).join('\n'));
  }
  for (const [app, { lines }] of open) if (lines.length > 0) all.get(app)?.push(lines.join('\n'));
  return all;
}

function linesByApp(batches: readonly LogBatch[]): Map<string, string[]> {
  const all = new Map(apps.map((app) => [app as string, [] as string[]]));
  for (const { line, labels } of entriesIn(batches)) all.get(labels?.['app'] ?? '')?.push(String(line));
  return all;
}

const ends: BatchStep = { parts: apps.map((app) => ({ app, isPartial: false, isFirst: false })), refusals: [] };

test('parts of lines and lines of blocks are joined whatever is refused, and all of it is delivered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const sink = new MoodySink();
      const multiline = 'stage.multiline {\n firstline = "^[0-9]"\n max_lines = 3\n max_wait_time = "1h"\n}';
      await using c = await running(sink, `stage.cri { }\n${multiline}`);
      const sent: TestEntry[] = [];
      const deliveries: Promise<void>[] = [];
      let number = 0;
      for (const { parts, refusals } of [...steps, ends]) {
        const entries = entriesOf(parts, () => number++);
        sink.refusals = [...refusals];
        for (let isAccepted = false; !isAccepted;) {
          const { accepted, delivered } = sendEntries(c.exports.receiver, ...entries);
          delivered.catch(() => undefined);
          isAccepted = await accepted.then(() => true, () => false); // prettier-ignore
          if (isAccepted) deliveries.push(delivered);
        }
        sent.push(...entries);
      }
      await c.stop();
      await Promise.all(deliveries);
      assert.deepEqual(linesByApp(sink.out.batches), blocksOf(sent, 3));
    }),
    { numRuns: 200 },
  );
});

test('what several senders send is not doubled, and what is lost is told, whatever is refused and whenever blocks are due', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), fc.constantFrom('1ms', '1h'), async (steps, wait) => {
      const sink = new MoodySink();
      const multiline = `stage.multiline {\n firstline = "^[0-9]"\n max_wait_time = "${wait}"\n}`;
      await using c = await running(sink, `stage.cri { }\n${multiline}`);
      const delivered: number[] = [];
      const lost: number[] = [];
      let number = 0;
      // Each stream has a sender, which sends a batch again until it is accepted and then goes on to the next.
      const sending = apps.map(async (app) => {
        const answers: Promise<unknown>[] = [];
        for (const { parts, refusals } of [...steps, ends]) {
          const own = parts.filter((one) => one.app === app);
          if (own.length === 0) continue;
          const from = number;
          const entries = entriesOf(own, () => number++);
          const numbers = Array.from(own, (_, index) => from + index);
          sink.refusals.push(...refusals);
          for (let isAccepted = false; !isAccepted;) {
            const sent = sendEntries(c.exports.receiver, ...entries);
            sent.delivered.catch(() => undefined);
            isAccepted = await sent.accepted.then(() => true, () => false); // prettier-ignore
            if (isAccepted) answers.push(sent.delivered.then(() => delivered.push(...numbers), () => lost.push(...numbers))); // prettier-ignore
            await settled();
          }
        }
        return answers;
      });
      const answers = (await Promise.all(sending)).flat();
      sink.refusals = [];
      await c.stop();
      await Promise.all(answers);
      const texts = [...linesByApp(sink.out.batches).values()].flat().join('\n').match(/\d+/g) ?? [];
      const out = new Set(texts.map(Number));
      assert.equal(out.size, texts.length, 'nothing is doubled');
      assert.deepEqual(delivered.filter((one) => !out.has(one)), []); // prettier-ignore
      assert.equal(delivered.length + lost.length, number);
      if (wait === '1h') assert.deepEqual(lost, []);
    }),
    { numRuns: 60 },
  );
});
