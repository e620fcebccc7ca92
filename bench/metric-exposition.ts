const seriesPerFamily = 10;
const kinds = ['counter', 'gauge', 'histogram'] as const;
const bounds = ['0.005', '0.025', '0.1', '0.5', '1', '2.5', '10', '+Inf'];
const routes = ['/api/v1/orders/{id}', '/api/v1/users/{id}', '/api/v1/carts/{id}', '/api/v1/search', '/checkout'];
const names = {
  counter: 'http_server_requests_total',
  gauge: 'connection_pool_in_use',
  histogram: 'rpc_duration_seconds',
};
/** Digits that change, at the end of a value or of a label. */
const digits = 6;
/** Each series gets another value in one scrape of so many. */
const changePeriod = 10;

/** The part of a URL that is different for each target. */
export function metricsPath(target: number): string {
  return `/metrics/${target}`;
}

/**
 * What one target exposes: families of ten series, which are in turn counters, gauges and the series of a histogram. The
 * text is made once; for each scrape digits in it are written over, so that serving it costs next to nothing.
 */
export class TargetExposition {
  /** As it is now; the next scrape changes it. */
  readonly body: Buffer;
  /** Where the values and the label `revision` of the series end. */
  readonly #valueEnds: readonly number[];
  readonly #revisionEnds: readonly number[];
  /** Each series gets another revision in one scrape of so many; 0 for never. */
  readonly #churnPeriod: number;
  #scrapes = 0;

  constructor(target: number, series: number, churnPeriod: number) {
    const valueEnds: number[] = [];
    const revisionEnds: number[] = [];
    let text = '';
    for (let index = 0; index < series; index++) {
      if (index % seriesPerFamily === 0) text += familyHead(index / seriesPerFamily);
      const [start, value] = seriesLine(target, index);
      revisionEnds.push(text.length + start.lastIndexOf('"'));
      valueEnds.push(text.length + start.length + 1 + value.length);
      text += `${start} ${value}\n`;
    }
    this.body = Buffer.from(text);
    this.#valueEnds = valueEnds;
    this.#revisionEnds = revisionEnds;
    this.#churnPeriod = churnPeriod;
  }

  /** The body for the next scrape, in the same memory. */
  next(): Buffer {
    const scrape = ++this.#scrapes;
    this.#writeOver(this.#valueEnds, changePeriod, scrape);
    if (this.#churnPeriod > 0) this.#writeOver(this.#revisionEnds, this.#churnPeriod, scrape);
    return this.body;
  }

  #writeOver(ends: readonly number[], period: number, value: number): void {
    for (let index = value % period; index < ends.length; index += period) {
      let rest = value;
      for (let at = (ends[index] ?? 0) - 1, left = digits; left > 0; at--, left--) {
        this.body[at] = 0x30 + (rest % 10);
        rest = Math.floor(rest / 10);
      }
    }
  }
}

function explodedLine(index: number): string {
  return `request_paths_total{method="GET",path="/orders/${String(index).padStart(9, '0')}"} 1\n`;
}

/** Series of one metric, whose label has another value for each. */
export function explodedSeries(count: number): Buffer {
  const head = Buffer.from('# TYPE request_paths_total counter\n');
  const size = explodedLine(0).length;
  const body = Buffer.allocUnsafe(head.length + count * size);
  head.copy(body);
  for (let index = 0; index < count; index++) body.write(explodedLine(index), head.length + index * size, 'latin1');
  return body;
}

function familyName(family: number): string {
  return `app${String(family).padStart(3, '0')}_${names[kindOf(family)]}`;
}

function kindOf(family: number): (typeof kinds)[number] {
  return kinds[family % kinds.length] ?? 'gauge';
}

function familyHead(family: number): string {
  const name = familyName(family);
  return `# HELP ${name} What this part of the service has done so far.\n# TYPE ${name} ${kindOf(family)}\n`;
}

/** The name with the labels, the last of which is `revision`, and the value. */
function seriesLine(target: number, index: number): readonly [start: string, value: string] {
  const family = Math.floor(index / seriesPerFamily);
  const member = index % seriesPerFamily;
  const kind = kindOf(family);
  const pod = `orders-6d5f7c9b8-${String(target).padStart(5, '0')}`;
  const common = `pod="${pod}",revision="${'0'.repeat(digits)}"`;
  const count = `${1 + (index % 9)}${'0'.repeat(digits)}`;
  if (kind === 'histogram') {
    const labels = `method="GET",route="${routes[0]}",status="200"`;
    const bound = bounds[member];
    if (bound !== undefined) return [`${familyName(family)}_bucket{le="${bound}",${labels},${common}}`, count];
    const isSum = member === bounds.length;
    return [`${familyName(family)}_${isSum ? 'sum' : 'count'}{${labels},${common}}`, isSum ? `12.${count}` : count];
  }
  const method = member % 2 === 0 ? 'GET' : 'POST';
  const labels = `method="${method}",route="${routes[member >> 1]}",status="200"`;
  return [`${familyName(family)}{${labels},${common}}`, kind === 'gauge' ? `0.${count}` : count];
}
