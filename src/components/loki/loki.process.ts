import { component } from '../../component/component.ts';
import { logs } from '../../model/signal.ts';
import { variants } from '../../schema/blocks.ts';
import { input } from '../../schema/exports.ts';
import { output } from '../../schema/receiver.ts';
import { processMetrics } from './loki.process/metrics.ts';
import { Pipeline } from './loki.process/pipeline.ts';
import { stages } from './loki.process/stages.ts';

export const lokiProcess = component({
  name: 'loki.process',
  stability: 'generally-available',
  doc: `
Puts log entries through stages, in the order they are written: stages parse lines, extract values from them, and use
those to set labels, structured metadata, the timestamp or the line, or to drop entries.

Each entry begins with its labels as extracted values. A stage that cannot do its work passes the entry on as it is,
unless it says otherwise. An entry is acknowledged when the receivers have delivered it. What a stage keeps for later,
such as the first part of a CRI line, is acknowledged with the entry it becomes part of. When the component stops,
multiline blocks are sent as they are; what cannot be sent, and parts of CRI lines, are left to the source to read again.`,
  example: `
loki.process "pods" {
  stage.cri { }

  stage.json {
    expressions = {level = ""}
  }

  stage.labels {
    values = {level = ""}
  }

  forward_to = [loki.write.main.receiver]
}

loki.write "main" {
  endpoint {
    url = "http://localhost:3100/loki/api/v1/push"
  }
}`,
  arguments: {
    forward_to: output('Where processed entries go.', logs),
    stages: variants('What happens to each entry.', () => stages),
  },
  exports: {
    receiver: input('Takes the entries to process.', logs),
  },
  metrics: processMetrics,
  build({ args, metrics, log }) {
    const pipeline = new Pipeline({ stages: args.stages, table: stages, metrics, log, next: args.forward_to });
    return {
      exports: { receiver: pipeline },
      async prepare() {
        await pipeline.prepare();
        return {};
      },
      run: (signal) => pipeline.run(signal),
      close() {
        pipeline.close();
        return Promise.resolve();
      },
    };
  },
});
