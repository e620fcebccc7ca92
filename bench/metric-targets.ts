import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { explodedSeries, metricsPath, TargetExposition } from './metric-exposition.ts';

/*
 * Targets to scrape, in a process of its own: their number, the series of each, and in how many scrapes each series gets
 * another label, 0 for never. Tells its port to the parent. Nothing is exposed until the parent sends a message, so that
 * what scrapes can be measured idle. A message can have the first target explode, and end that. Bodies are not compressed.
 */
const [targets = '1', series = '10', churnPeriod = '0'] = process.argv.slice(2);
const expositions = new Map(
  Array.from({ length: Number(targets) }, (_, target) => [
    metricsPath(target),
    new TargetExposition(target, Number(series), Number(churnPeriod)),
  ]),
);
const nothing = Buffer.alloc(0);
let isOpen = false;
/** What the first target exposes besides, while it has exploded. */
let exploded: Buffer = nothing;
const explodedSize = 1_000_000;

const server = http.createServer((request, response) => {
  const exposition = expositions.get(request.url ?? '');
  if (exposition === undefined) {
    response.writeHead(404).end();
    return;
  }
  const body = isOpen ? exposition.next() : nothing;
  const more = request.url === metricsPath(0) ? exploded : nothing;
  const length = body.length + more.length;
  response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4', 'Content-Length': length });
  response.write(body);
  response.end(more);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', ({ explodes = false }: { explodes?: boolean }) => {
  isOpen = true;
  exploded = explodes ? explodedSeries(explodedSize - Number(series)) : nothing;
});
