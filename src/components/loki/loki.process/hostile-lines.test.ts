import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { sendEntries } from '../../../testkit/log-entries.ts';
import { runComponent } from '../../../testkit/run-component.ts';
import { lokiProcess } from '../loki.process.ts';
import { parseSelector } from './selector.ts';
import { stages } from './stages.ts';

// Whatever lines hold, stages neither throw nor stop, and every entry goes on or is counted.

/** Every stage but those that need files or time, one after the other, and inside of a match. */
const pipeline = `
stage.cri { }
stage.docker { }
stage.decolorize { }
stage.multiline { firstline = "^START" }
stage.json {
  expressions = { level = "", message = "a.b", all = "@", count = "length(@)" }
  regex       = "^k"
}
stage.json {
  expressions = { inner = "" }
  source      = "message"
}
stage.logfmt { mapping = { level = "", status = "", text = "msg" } }
stage.regex {
  expression = "^(?P<rest>\\\\S*)|(?i)status[= ](?P<status>\\\\d+)"
}
stage.pattern { pattern = "<ip> - - <_> \\"<method> <path> <_>\\" <code>" }
stage.replace {
  expression = "(\\\\w+)@(\\\\w+)"
  replace    = "{{ .Value | ToUpper }}"
}
stage.template {
  source   = "made"
  template = "{{ .level }} {{ if .status }}{{ .status | trunc 3 }}{{ else }}{{ Replace .Entry \\"a\\" \\"b\\" -1 }}{{ end }}"
}
stage.luhn { min_length = 13 }
stage.timestamp {
  source = "time"
  format = "RFC3339Nano"
}
stage.eventlogmessage { source = "rest" }
stage.windowsevent { source = "rest" }
stage.labels { values = { level = "", status = "" } }
stage.static_labels { values = { fixed = "yes" } }
stage.structured_metadata { values = { made = "", code = "" } }
stage.structured_metadata_drop { values = ["code"] }
stage.tenant { source = "level" }
stage.sampling { rate = 1 }
stage.drop { longer_than = "4KB" }
stage.truncate {
  rule {
    limit       = "1KB"
    source_type = "line"
    suffix      = "..."
  }
}
stage.match {
  selector = "{fixed=\\"yes\\"} |~ \\"[a-m]\\" != \\"zzz\\""
  stage.output { source = "made" }
  stage.label_drop { values = ["status"] }
}
stage.label_keep { values = ["level", "fixed", "stream"] }
stage.pack { labels = ["stream"] }
stage.metrics {
  metric.counter {
    name      = "entries_total"
    action    = "inc"
    match_all = true
  }
  metric.histogram {
    name    = "codes"
    source  = "code"
    buckets = [100, 200]
  }
}
forward_to = [out]`;

test('the pipeline of this test has every stage but those that need a file or time', () => {
  const missing = Object.keys(stages).filter((name) => !pipeline.includes(`${name} `));
  assert.deepEqual(missing, ['stage.geoip', 'stage.limit', 'stage.split_json']);
});

const specimens = [
  '2026-01-02T03:04:05.123456789Z stdout F {"level":"info","a":{"b":"{\\"inner\\":1}"},"k1":[1,{"x":null}]}',
  '2026-01-02T03:04:05Z stderr P START part of a line ',
  '2026-01-02T03:04:05Z stderr F level=warn msg="a \\"quoted\\" text" status=404',
  '{"log":"10.0.0.1 - - [x] \\"GET /p HTTP/1.1\\" 200\\n","stream":"stdout","time":"2026-01-02T03:04:05.1Z"}',
  '\u001b[31mred\u001b[0m me@example 4111 1111 1111 1111 status 500',
  'Title.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-5\r\n\tName:\t\tx\r\n',
  '[{"a":1},"text",2]',
  '{"level":null,"a":{"b":1e999},"\\ud800":"\\udc00"}',
].map((text) => Buffer.from(text));

/** A specimen with some bytes changed, cut out, doubled, or put between those of another. */
const hostileLine = fc
  .record({
    one: fc.constantFrom(...specimens),
    other: fc.constantFrom(...specimens),
    edits: fc.array(
      fc.record({
        kind: fc.nat({ max: 4 }),
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        bytes: fc.uint8Array({ maxLength: 6 }),
      }),
      { maxLength: 5 },
    ),
  }) // prettier-ignore
  .map(({ one, other, edits }) =>
    edits.reduce((line: Buffer, { kind, at, bytes }) => {
      const place = Math.floor(at * line.length);
      const [before, after] = [line.subarray(0, place), line.subarray(place)];
      if (kind === 0) return Buffer.concat([before, bytes, after]);
      if (kind === 1) return Buffer.concat([before, after.subarray(bytes.length)]);
      if (kind === 2) return Buffer.concat([before, bytes, after.subarray(bytes.length)]);
      if (kind === 3) return Buffer.concat([before, other, after]);
      return Buffer.concat([line, before]);
    }, one),
  )
  // Sources give lines without their ends.
  .map((line) => Buffer.from(line.filter((byte) => byte !== 0x0a)));

test('no line stops the pipeline, and none gets lost in it', async () => {
  await using c = await runComponent(lokiProcess, pipeline);
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(hostileLine, { minLength: 1, maxLength: 20 }), async (lines) => {
      const before = c.out.count;
      const entries = lines.map((line, index) => ({ line, labels: { app: String(index % 3) } }));
      await sendEntries(c.exports.receiver, ...entries).accepted;
      sent += lines.length;
      assert.ok(c.out.count >= before);
    }),
    { numRuns: 300 },
  );
  const dropped = Object.entries(c.metrics()).filter(([name]) => name.startsWith('loki_process_dropped_lines_total'));
  const gone = dropped.reduce((sum, [, count]) => sum + count, 0);
  // What multiline and cri put together is less than what came, and never more.
  assert.ok(c.out.count + gone <= sent);
  assert.ok(c.out.count > 0);
  assert.deepEqual(c.logged.filter(({ level }) => level === 'error'), []); // prettier-ignore
});

test('a very long line goes through every stage', async () => {
  await using c = await runComponent(
    lokiProcess,
    pipeline.replace('drop { longer_than = "4KB" }', 'drop { longer_than = "9MB" }'),
  );
  for (const piece of ['a', '{"a":', '[', '"', 'k=v ', '4', '\u001b[', '\\', 'é', '{{']) {
    const line = piece.repeat(Math.ceil(500_000 / piece.length));
    await sendEntries(c.exports.receiver, line, `2026-01-02T03:04:05Z stdout F ${line}`).accepted;
  }
});

test('whatever stands where a selector should, the answer is a selector or what is wrong with it', () => {
  const specimen = fc.constantFrom(
    '{a="b"}',
    '{a=~"b.*", c!="d"} |= "x" !~ `y`',
    '{a!~"(x|y)"}',
    '{',
    '|=',
    '"',
    '=~',
    '\\',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(specimen, fc.string({ maxLength: 4 })), { maxLength: 6 }), (parts) => {
      const parsed = parseSelector(parts.join(''));
      assert.ok('message' in parsed || parsed.source === parts.join(''));
    }),
  );
});
