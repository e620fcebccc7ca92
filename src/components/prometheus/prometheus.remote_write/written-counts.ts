import type { HttpResponse } from '../../../net/http-message.ts';
import type { ItemCounts } from './outgoing-request.ts';

/**
 * How much of a request of version 2 a server says that it has stored. One that says nothing of that, though it has taken
 * the request, does not speak this version, and has stored nothing.
 */
export function writtenOf(sent: ItemCounts, headers: HttpResponse['headers']): ItemCounts {
  const written = (kind: string, most: number): number => {
    const header = headers[`x-prometheus-remote-write-${kind}-written`];
    const count = typeof header === 'string' && /^\d{1,15}$/.test(header.trim()) ? Number(header) : 0;
    return Math.min(most, count);
  };
  const counts = {
    samples: written('samples', sent.samples),
    histograms: written('histograms', sent.histograms),
    exemplars: written('exemplars', sent.exemplars),
  };
  const isNothing = counts.samples + counts.histograms + counts.exemplars === 0;
  return { ...counts, metadata: isNothing ? 0 : sent.metadata };
}
