/*
 * The numbers of HTTP/2, RFC 9113.
 */

export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** What the flags mean depends on the frame. */
export const frameFlags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const;

export const http2Codes = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  settingsTimeout: 4,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  connectError: 10,
  enhanceYourCalm: 11,
  inadequateSecurity: 12,
  http11Required: 13,
} as const;

export const settingIds = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

/** What clients begin with. */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** The length of what comes before the content of a frame. */
export const frameHeadSize = 9;
/** The largest content of a frame unless a peer allows more. */
export const defaultFrameSize = 16_384;
/** What may be on its way, in a stream and in all of a connection, unless a peer allows more. */
export const defaultWindow = 65_535;
/** The largest window, and the largest number of a stream. */
export const largestWindow = 2 ** 31 - 1;

/** The peer, or this side, has broken the rules of the connection, which ends with this code. */
export class Http2Error extends Error {
  override readonly name = 'Http2Error';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export function protocolError(message: string): Http2Error {
  return new Http2Error(http2Codes.protocolError, message);
}

export function frameSizeError(what: string): Http2Error {
  return new Http2Error(http2Codes.frameSizeError, `${what} has the wrong size`);
}

export function flowControlError(): Http2Error {
  return new Http2Error(http2Codes.flowControlError, 'more was sent than there is room for');
}

/** The name of a code, such as `refused_stream`. */
export function http2CodeName(code: number): string {
  const [name] = Object.entries(http2Codes).find(([, number]) => number === code) ?? [`code ${code}`];
  return name.replaceAll(/[A-Z0-9]+/g, (part) => `_${part.toLowerCase()}`);
}
