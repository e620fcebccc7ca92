import { longestTimeout, type Milliseconds } from '../../base/duration.ts';

/** Text as the header `grpc-message`: UTF-8 in which all but printable ASCII is percent-encoded. */
export function encodeGrpcMessage(text: string): string {
  if (/^[ -$&-~]*$/.test(text)) return text;
  let encoded = '';
  for (const byte of Buffer.from(text))
    encoded +=
      byte < 0x20 || byte > 0x7e || byte === 0x25
        ? `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : String.fromCharCode(byte);
  return encoded;
}

/** The text of a header `grpc-message`. Percent signs that encode nothing stand for themselves. */
export function decodeGrpcMessage(header: string): string {
  if (!header.includes('%')) return header;
  const bytes = header.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

const timeoutUnits: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** How long a client waits, by the header `grpc-timeout`; undefined if that is none, and then nothing limits it. */
export function parseGrpcTimeout(header: string | undefined): Milliseconds | undefined {
  const [, amount, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(header ?? '') ?? [];
  const factor = timeoutUnits[unit];
  return factor === undefined ? undefined : Math.min(Number(amount) * factor, longestTimeout);
}

/** The header `grpc-timeout`, which has room for eight digits. */
export function formatGrpcTimeout(timeout: Milliseconds): string {
  const whole = Math.max(1, Math.ceil(timeout));
  return whole < 1e8 ? `${whole}m` : `${Math.min(99_999_999, Math.ceil(whole / 1000))}S`;
}
