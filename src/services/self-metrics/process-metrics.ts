import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { counter, gauge, openMetrics, type MetricFamily } from '../../component/metrics.ts';

export const processMetrics = {
  cpu: counter('process_cpu_seconds_total', 'CPU time used, by the program and by the system for it.'),
  resident: gauge('process_resident_memory_bytes', 'Memory in use.'),
  virtual: gauge('process_virtual_memory_bytes', 'Address space in use.'),
  started: gauge('process_start_time_seconds', 'When the program was started, in seconds since 1970.'),
  openFiles: gauge('process_open_fds', 'Open file descriptors.'),
  heapUsed: gauge('nodejs_heap_size_used_bytes', 'Heap of V8 in use.'),
  heapTotal: gauge('nodejs_heap_size_total_bytes', 'Heap of V8.'),
  external: gauge('nodejs_external_memory_bytes', 'Memory of buffers and other objects outside of the heap.'),
  active: counter('nodejs_eventloop_active_seconds_total', 'Time in which the event loop was at work.'),
  idle: counter('nodejs_eventloop_idle_seconds_total', 'Time in which the event loop waited.'),
  lagMean: gauge('nodejs_eventloop_lag_mean_seconds', 'How late timers were since the last scrape, on average.'),
  lagP99: gauge('nodejs_eventloop_lag_p99_seconds', 'How late timers were since the last scrape, 99th percentile.'),
  lagMax: gauge('nodejs_eventloop_lag_max_seconds', 'How late timers were since the last scrape, at most.'),
  resourcesCpu: counter('alloy_resources_process_cpu_seconds_total', 'As process_cpu_seconds_total.'),
  resourcesResident: gauge('alloy_resources_process_resident_memory_bytes', 'As process_resident_memory_bytes.'),
  resourcesVirtual: gauge('alloy_resources_process_virtual_memory_bytes', 'As process_virtual_memory_bytes.'),
  resourcesStarted: gauge('alloy_resources_process_start_time_seconds', 'As process_start_time_seconds.'),
  received: counter('alloy_resources_machine_rx_bytes_total', 'Bytes received by the machine on all interfaces.'),
  sent: counter('alloy_resources_machine_tx_bytes_total', 'Bytes sent by the machine on all interfaces.'),
};

/** The delay of the event loop is looked at this often, in milliseconds. */
const resolution = 50;

const startTime = (Date.now() - performance.now()) / 1000;

/** Starts to watch the process. Each call of the result tells its current state; some of it since the call before. */
export function watchProcess(): () => readonly MetricFamily[] {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  return () => {
    const metrics = openMetrics(processMetrics);
    const { meters } = metrics;
    const { user, system } = process.cpuUsage();
    const memory = process.memoryUsage();
    const { active, idle } = performance.eventLoopUtilization();
    const addressSpace = Number(readProc('self/statm').split(' ')[0]) * 4096;
    const interfaces = parseNetDev(readProc('net/dev'));

    meters.cpu.inc((user + system) / 1e6);
    meters.resident.set(memory.rss);
    meters.virtual.set(addressSpace);
    meters.started.set(startTime);
    meters.openFiles.set(openFiles());
    meters.heapUsed.set(memory.heapUsed);
    meters.heapTotal.set(memory.heapTotal);
    meters.external.set(memory.external);
    meters.active.inc(active / 1000);
    meters.idle.inc(idle / 1000);
    meters.lagMean.set(lateness(delay.mean));
    meters.lagP99.set(lateness(delay.percentile(99)));
    meters.lagMax.set(lateness(delay.max));
    delay.reset();
    meters.resourcesCpu.inc(meters.cpu.value);
    meters.resourcesResident.set(memory.rss);
    meters.resourcesVirtual.set(addressSpace);
    meters.resourcesStarted.set(startTime);
    meters.received.inc(interfaces.received);
    meters.sent.inc(interfaces.sent);
    return metrics.collect();
  };
}

/** Sums up the interfaces in `/proc/net/dev`. */
export function parseNetDev(text: string): { received: number; sent: number } {
  let received = 0;
  let sent = 0;
  for (const line of text.split('\n')) {
    const [name, rest] = line.split(':');
    if (name === undefined || rest === undefined) continue;
    const columns = rest.trim().split(/\s+/).map(Number);
    received += columns[0] ?? 0;
    sent += columns[8] ?? 0;
  }
  return { received, sent };
}

/** The histogram holds the time between two looks, in nanoseconds; before the first one it holds nothing. */
function lateness(nanoseconds: number): number {
  const late = nanoseconds / 1e9 - resolution / 1000;
  return Number.isFinite(late) && late > 0 ? late : 0;
}

/** A file of /proc; empty where there is none. */
function readProc(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, 'latin1');
  } catch {
    return '';
  }
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
