import { counter, histogram, type MetersOf } from './metrics.ts';

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** The metrics of every component that sends samples to others. */
export const forwardingMetrics = {
  forwarded: counter(
    'prometheus_forwarded_samples_total',
    'Samples that were sent on and accepted, once whatever the number of receivers.',
  ),
  latency: histogram(
    'prometheus_fanout_latency',
    'Seconds from when samples were sent on until all receivers had accepted or refused them.',
    seconds,
  ),
};

export type ForwardingMeters = MetersOf<typeof forwardingMetrics>;
