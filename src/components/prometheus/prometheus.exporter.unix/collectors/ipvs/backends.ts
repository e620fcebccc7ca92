import { linesOf, wantHex, wantNumber, wordsOf } from '../../words.ts';

/** What backends can be told apart by. */
export const backendLabels: readonly string[] = [
  'local_address',
  'local_port',
  'remote_address',
  'remote_port',
  'proto',
  'local_mark',
];

/** A server behind a virtual one. */
export interface Backend {
  /** The values of all `backendLabels`. */
  readonly labels: ReadonlyMap<string, string>;
  readonly active: number;
  readonly inactive: number;
  readonly weight: number;
}

/** Reads `/proc/net/ip_vs`: a line for each virtual server, followed by lines with an arrow for its backends. */
export function parseBackends(text: string): readonly Backend[] {
  const backends: Backend[] = [];
  let virtual: readonly (readonly [string, string])[] = [];
  for (const line of linesOf(text)) {
    const [first = '', second = '', , weight, active, inactive] = wordsOf(line);
    if (first === 'TCP' || first === 'UDP' || first === 'SCTP') {
      const [address, port] = addressIn(second);
      virtual = [
        ['local_address', address],
        ['local_port', port],
        ['local_mark', ''],
        ['proto', first],
      ];
    } else if (first === 'FWM') {
      virtual = [
        ['local_address', ''],
        ['local_port', '0'],
        ['local_mark', second],
        ['proto', first],
      ];
    } else if (first === '->' && second !== 'RemoteAddress:Port') {
      const [address, port] = addressIn(second);
      const labels = new Map([...virtual, ['remote_address', address], ['remote_port', port]] as const);
      const counts = { active: wantNumber(active), inactive: wantNumber(inactive), weight: wantNumber(weight) };
      backends.push({ labels, ...counts });
    }
  }
  return backends;
}

/** `C0A80016:0CEA`, or `[2620:0000:...]:0050`. */
function addressIn(text: string): readonly [address: string, port: string] {
  const [, v4, v6, port] = /^(?:([\da-f]{8})|\[([\da-f:]+)\]):([\da-f]{4})$/i.exec(text) ?? [];
  if (port === undefined) throw new Error(`want an address, got ${JSON.stringify(text)}`);
  const address = v4 === undefined ? shortened(v6 ?? '') : [...Buffer.from(v4, 'hex')].join('.');
  return [address, String(wantHex(port))];
}

/** An IPv6 address as it is usually written. */
function shortened(address: string): string {
  const { hostname } = URL.parse(`http://[${address}]`) ?? { hostname: `[${address}]` };
  return hostname.slice(1, -1);
}
