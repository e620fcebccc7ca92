import { configBlock } from '../../runtime/config-block.ts';
import { bool } from '../../schema/attributes.ts';
import type { LiveDebugging } from './live-debugging.ts';

/** The `livedebugging` block, which turns live debugging on. */
export function liveDebuggingBlock(liveDebugging: LiveDebugging) {
  return configBlock({
    name: 'livedebugging',
    stability: 'generally-available',
    doc: 'Lets the API show the telemetry that passes through components.',
    example: `livedebugging {
  enabled = true
}
`,
    arguments: {
      enabled: bool('Whether telemetry can be watched. Whoever reaches the API can read it then.').default(false),
    },
    apply: ({ enabled }) => liveDebugging.setEnabled(enabled),
  });
}
