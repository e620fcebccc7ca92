import { criLine, hex, podLogBody, type Random } from './log-corpus.ts';
import { seedBlock } from '../src/testkit/seed-block.ts';

/** One way to use the log path: what the lines are, and what happens to them. */
export interface LogCase {
  readonly title: string;
  readonly lines: number;
  /** One line, without its end. */
  line(random: Random, index: number): string;
  /** A `loki.process "pod_logs"` that forwards to `loki.write.loki.receiver`. */
  stages(): Promise<string> | string;
  /** Where nothing is pushed: the metric that counts the lines. */
  readonly counter?: string;
}

export const logCases: Readonly<Record<string, LogCase>> = {
  pods: {
    title: 'CRI, a third each JSON, access log and text; the pod pipeline of examples/seed-pipeline.alloy',
    lines: 2_000_000,
    line: (random, index) => criLine(random, index, podLogBody(random)),
    stages: () => seedBlock('loki.process', 'pod_logs'),
  },
  unique: {
    title: 'CRI and JSON, with a label that has another value in each line',
    lines: 500_000,
    line: (random, index) => criLine(random, index, JSON.stringify({ level: 'info', id: hex(random, 24), index })),
    stages: () => `
      loki.process "pod_logs" {
        stage.cri { }
        stage.json { expressions = { id = "" } }
        stage.labels { values = { id = "" } }
        forward_to = [loki.write.loki.receiver]
      }`,
  },
  short: {
    title: 'lines of 40 bytes, with one more label',
    lines: 5_000_000,
    line: (random, index) => `line ${String(index).padStart(10, '0')} ${hex(random, 23)}`,
    stages: () => `
      loki.process "pod_logs" {
        stage.static_labels { values = { cluster = "dev" } }
        forward_to = [loki.write.loki.receiver]
      }`,
  },
  metrics: {
    title: 'CRI, a regular expression and a counter by status code; nothing is sent on',
    lines: 2_000_000,
    line: (random, index) => criLine(random, index, podLogBody(random)),
    stages: () => `
      loki.process "pod_logs" {
        stage.cri { }
        stage.regex { expression = "HTTP/1.1\\" (?P<status_code>[1-5]\\\\d{2})" }
        stage.labels { values = { status_code = "" } }
        stage.label_drop { values = ["filename", "pod"] }
        stage.metrics {
          metric.counter {
            name      = "lines_total"
            action    = "inc"
            match_all = true
          }
        }
        forward_to = []
      }`,
    counter: 'loki_process_custom_lines_total',
  },
};

/** A configuration that reads `*.log` in a folder, puts the lines through the stages, and pushes to a port of this host. */
export function logConfig(folder: string, stages: string, port: number): string {
  return `
    local.file_match "pod_logs" {
      path_targets = [{
        "__path__" = "${folder}/*.log",
        namespace  = "shop",
        pod        = "orders-6d5f7c9b8-x2x4k",
        container  = "orders",
        pod_uid    = "0f6d2c51-5b5e-4a0e-9f0e-3a3c0f1b2d11",
        node       = "node-17",
        controller = "ReplicaSet/orders-6d5f7c9b8",
        app        = "orders",
        job        = "shop/orders",
        container_runtime = "containerd",
      }]
      sync_period = "100ms"
    }
    loki.source.file "pod_logs" {
      targets    = local.file_match.pod_logs.targets
      forward_to = [loki.process.pod_logs.receiver]
    }
    ${stages}
    loki.write "loki" {
      endpoint { url = "http://127.0.0.1:${port}/loki/api/v1/push" }
    }`;
}
