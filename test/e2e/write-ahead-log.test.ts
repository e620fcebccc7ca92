import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ChildProgram } from '../../src/testkit/child-program.ts';
import { startLokiReceiver } from '../../src/testkit/loki-receiver.ts';
import { until } from '../../src/testkit/until.ts';

test('what is in the write-ahead log is sent after kill -9, though its file is gone', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'wal-pipeline-'));
  t.after(() => rmSync(folder, { recursive: true }));
  await using receiver = await startLokiReceiver();
  receiver.answer(503);
  const logs = path.join(folder, 'logs');
  mkdirSync(logs);
  const config = path.join(folder, 'config.alloy');
  writeFileSync(
    config,
    `loki.source.file "all" {
      targets    = [{"__path__" = "${logs}/a.log"}]
      forward_to = [loki.write.out.receiver]
    }
    loki.write "out" {
      endpoint {
        url                = "${receiver.url}"
        batch_wait         = "20ms"
        max_backoff_period = "100ms"
      }
      wal {
        enabled = true
      }
    }`,
  );
  const flags = [`--storage.path=${folder}/data`, '--server.http.listen-addr=127.0.0.1:0'];
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`);
  const content = lines.map((line) => `${line}\n`).join('');
  writeFileSync(path.join(logs, 'a.log'), content);
  {
    await using program = new ChildProgram('bin/millrace', ['run', ...flags, config]);
    await program.says(/Millrace is running/);
    const positions = path.join(folder, 'data/loki.source.file.all/positions.yml');
    await until(() => existsSync(positions) && readFileSync(positions, 'utf8').includes(`"${content.length}"`));
    assert.deepEqual(receiver.accepted, []);
    program.signal('SIGKILL');
    await program.result;
  }
  rmSync(path.join(logs, 'a.log'));
  receiver.answer(204);
  await using program = new ChildProgram('bin/millrace', ['run', ...flags, config]);
  await receiver.entries(lines.length);
  program.signal('SIGTERM');
  assert.equal((await program.result).code, 0);
  assert.deepEqual(
    receiver.accepted.map(({ line }) => line),
    lines,
  );
});
