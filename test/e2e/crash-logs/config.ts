import type { WrittenFile } from './writer.ts';

/** Where the collector keeps entries that it cannot send yet. */
export type Queue = 'memory' | 'wal';

export interface ConfigOptions {
  readonly folder: string;
  readonly files: readonly WrittenFile[];
  readonly queue: Queue;
  readonly url: string;
  /** The number of the run, which entries that it reads have as a label, and requests that it sends in a header. */
  readonly run: number;
}

/**
 * A configuration as it is used for the logs of pods, with all their stages. Times are shorter than the defaults, so that
 * more happens between two kills.
 */
export function configOf({ folder, files, queue, url, run }: ConfigOptions): string {
  const targets = files.map(
    ({ name, format }, index) => `{
      "__path__" = "${folder}/${name}", "file" = "${index}", "pod_uid" = "uid-${index}",
      "container_runtime" = "${{ cri: 'containerd', 'cri-parts': 'cri-o', docker: 'docker', plain: '' }[format]}",
    }`,
  );
  return `
    local.file_match "pod_logs" {
      path_targets = [${targets.join(', ')}]
      sync_period  = "500ms"
    }

    loki.source.file "pod_logs" {
      targets    = local.file_match.pod_logs.targets
      forward_to = [loki.process.pod_logs.receiver]
    }

    loki.process "pod_logs" {
      stage.match {
        selector = "{container_runtime=~\\"containerd|cri-o\\"}"
        stage.cri {
          max_partial_lines = 500
        }
      }
      stage.match {
        selector = "{container_runtime=\\"docker\\"}"
        stage.docker { }
      }
      stage.json {
        expressions = {
          level      = "level",
          severity   = "severity",
          json_trace = "trace_id",
          json_msg   = "msg",
        }
        drop_malformed = false
      }
      stage.regex {
        expression = \`(?:HTTP/\\d(?:\\.\\d)?"?\\s+|status[=:]\\s*"?)(?P<status_code>[1-5]\\d{2})\\b\`
      }
      stage.labels {
        values = {
          level       = "",
          status_code = "",
        }
      }
      stage.structured_metadata {
        values = {
          pod_uid  = "pod_uid",
          trace_id = "json_trace",
        }
      }
      stage.static_labels {
        values = {
          cluster = "dev",
          source  = "pod-logs",
          run     = "${run}",
        }
      }
      stage.label_drop {
        values = ["container_runtime", "filename"]
      }
      forward_to = [loki.write.loki.receiver]
    }

    loki.write "loki" {
      endpoint {
        url = "${url}"
        headers = {
          "X-Scope-OrgID" = "crash-test",
          "X-Run"         = "${run}",
        }
        batch_wait         = "250ms"
        remote_timeout     = "2s"
        min_backoff_period = "50ms"
        max_backoff_period = "500ms"
        queue_config {
          drain_timeout = "1s"
        }
      }
      ${queue === 'wal' ? 'wal {\nenabled = true\ndrain_timeout = "1s"\n}' : ''}
      external_labels = {
        collector = "millrace",
      }
    }
  `;
}
