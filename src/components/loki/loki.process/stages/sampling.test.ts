import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const lines = Array.from({ length: 2000 }, (_, index) => `line ${index}`);

test('a share of the entries is kept, and the others are counted', async () => {
  const cases: readonly [rate: string, fewest: number, most: number][] = [
    ['0', 0, 0],
    ['0.5', 800, 1200],
    ['0.1', 80, 340],
    ['1', 2000, 2000],
    ['1.0', 2000, 2000],
  ];
  for (const [rate, fewest, most] of cases) {
    const { entries, metrics } = await putThrough(lokiProcess, `stage.sampling { rate = ${rate} }`, ...lines);
    assert.ok(entries.length >= fewest && entries.length <= most, `${entries.length} at ${rate}`);
    assert.equal(
      metrics['loki_process_dropped_lines_total{reason="sampling_stage"}'],
      lines.length - entries.length,
      rate,
    );
    const numbers = entries.map(({ line }) => lines.indexOf(String(line)));
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
  }
});

test('dropped lines are counted with the reason that is given', async () => {
  const stages = (reason: string) => `stage.sampling {\n rate = 0\n drop_counter_reason = "${reason}"\n}`;
  for (const [given, reason] of [
    ['fewer', 'fewer'],
    ['', 'sampling_stage'],
  ] as const) {
    const { metrics } = await putThrough(lokiProcess, stages(given), 'a', 'b');
    assert.equal(metrics[`loki_process_dropped_lines_total{reason="${reason}"}`], 2);
  }
});

test('the rate must be a probability', () => {
  const cases: readonly [sampling: string, problem: string][] = [
    ['', '1:1: missing required attribute "rate"'],
    ['rate = 12', '2:8: rate must be between 0 and 1, got 12'],
    ['rate = -0.1', '2:8: rate must be between 0 and 1, got -0.1'],
    ['rate = 1.0001', '2:8: rate must be between 0 and 1, got 1.0001'],
  ];
  for (const [sampling, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.sampling {\n${sampling}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
