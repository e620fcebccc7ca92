import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRemoteWrite, sample, sendSamples, writeEndpoint, writeMetric } from '../../../testkit/remote-write.ts';
import { startWriteReceiver, type RemoteWriteReceiver } from '../../../testkit/remote-write-receiver.ts';
import { until } from '../../../testkit/until.ts';

const now = Date.now() - 60_000;

/** Labels that compression makes no smaller. */
function randomLabel(size: number): { readonly id: string } {
  return { id: Array.from({ length: size }, () => Math.floor(Math.random() * 36).toString(36)).join('') };
}

function limitTo(receiver: RemoteWriteReceiver, bytes: number): void {
  receiver.answer(({ body }) => (body.length > bytes ? 413 : 204));
}

for (const protocol of ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request']) {
  test(`what is too large is sent in parts, in its order: ${protocol}`, async () => {
    await using receiver = await startWriteReceiver();
    limitTo(receiver, 10_000);
    const more = `protobuf_message = "${protocol}"`;
    await using c = await runRemoteWrite(writeEndpoint(receiver, more, 'max_samples_per_send = 100'));
    const series = [randomLabel(1000), randomLabel(1000)];
    const samples = Array.from({ length: 100 }, (_, at) =>
      at < 4 ? sample('n', at, now + at, series[at % 2]) : sample('n', at, now + at, randomLabel(500)),
    );
    await sendSamples(c.exports.receiver, samples).delivered;
    await receiver.series(100);
    assert.deepEqual(receiver.accepted.map((one) => one.samples[0]?.value), Array.from({ length: 100 }, (_, at) => at)); // prettier-ignore
    await until(() => writeMetric(c, 'samples_pending') === 0);
    assert.equal(writeMetric(c, 'samples_total'), 100);
    assert.equal(writeMetric(c, 'samples_failed_total'), 0);
    const refused = receiver.requests.filter(({ answer }) => answer === 413).length;
    assert.equal(writeMetric(c, 'split_requests_total'), refused);
    assert.equal(receiver.requests.length, 2 * refused + 1);
    assert.equal(writeMetric(c, 'queue_highest_sent_timestamp_seconds'), (now + 99) / 1000);
  });

  test(`one sample that is too large alone is dropped, and all others arrive: ${protocol}`, async () => {
    await using receiver = await startWriteReceiver();
    limitTo(receiver, 10_000);
    const more = `protobuf_message = "${protocol}"`;
    await using c = await runRemoteWrite(writeEndpoint(receiver, more, 'max_samples_per_send = 8'));
    const samples = Array.from({ length: 8 }, (_, at) =>
      sample('n', at, now, randomLabel(at === 5 ? 20_000 : 10 + at)),
    );
    await sendSamples(c.exports.receiver, samples).delivered;
    await receiver.series(7);
    await until(() => writeMetric(c, 'samples_pending') === 0);
    assert.deepEqual(receiver.accepted.map((one) => one.samples[0]?.value), [0, 1, 2, 3, 4, 6, 7]);
    assert.equal(writeMetric(c, 'samples_failed_total'), 1);
    assert.equal(writeMetric(c, 'refused_samples_total', /reason="413"/), 1);
  }); // prettier-ignore
}

test('a server that breaks between the parts is waited for', async () => {
  await using receiver = await startWriteReceiver();
  let count = 0;
  receiver.answer(({ body }) => {
    if (count++ % 3 === 1) return 503;
    return body.length > 10_000 ? 413 : 204;
  });
  await using c = await runRemoteWrite(writeEndpoint(receiver, '', 'max_samples_per_send = 60'));
  const samples = Array.from({ length: 60 }, (_, at) => sample('n', at, now, randomLabel(500)));
  await sendSamples(c.exports.receiver, samples).delivered;
  await receiver.series(60);
  assert.deepEqual(receiver.accepted.map((one) => one.samples[0]?.value), samples.map(({ value }) => value));
}); // prettier-ignore

test('a server that takes nothing at all is not asked again and again', async () => {
  await using receiver = await startWriteReceiver();
  receiver.answer(413);
  await using c = await runRemoteWrite(writeEndpoint(receiver, '', 'max_samples_per_send = 100'));
  await sendSamples(
    c.exports.receiver,
    Array.from({ length: 60 }, (_, at) => sample(`n${at}`, at, now)),
  ).delivered;
  await until(() => writeMetric(c, 'samples_failed_total') === 60);
  assert.equal(receiver.requests.length, 1);
});

test('when it stops between the parts, all of the request is sent at the next start', async () => {
  await using receiver = await startWriteReceiver();
  receiver.answer(({ body, series }) => {
    if (body.length > 10_000) return 413;
    return series[0]?.samples[0]?.value === 0 ? 204 : 503;
  });
  const text = writeEndpoint(receiver, '', 'max_samples_per_send = 30');
  await using c = await runRemoteWrite(text);
  const samples = Array.from({ length: 30 }, (_, at) => sample('n', at, now, randomLabel(500)));
  await sendSamples(c.exports.receiver, samples).delivered;
  await receiver.attempts(4);
  await c.stop();
  const before = receiver.accepted.length;
  assert.ok(before > 0 && before < 30);
  limitTo(receiver, 10_000);
  await using _ = await runRemoteWrite(text, c.dataDir);
  await receiver.series(before + 30);
});
