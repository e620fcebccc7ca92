import { defaultFrameSize, defaultWindow, Http2Error, http2Codes, largestWindow, settingIds } from './codes.ts';

const largestFrameSize = 2 ** 24 - 1;

/** Until a peer says how many streams it takes at once, it is taken to be many. */
const assumedStreams = 1000;

/** What a peer lets the other side do. */
export class PeerSettings {
  maxStreams = assumedStreams;
  /** The window that streams begin with. */
  streamWindow = defaultWindow;
  frameSize = defaultFrameSize;

  /** Takes the content of a frame. Throws an Http2Error for what no peer may want. */
  read(bytes: Buffer, start: number, end: number): void {
    if ((end - start) % 6 !== 0) throw new Http2Error(http2Codes.frameSizeError, 'settings have the wrong size');
    for (let at = start; at < end; at += 6) this.#set(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
  }

  #set(id: number, value: number): void {
    switch (id) {
      case settingIds.maxConcurrentStreams:
        this.maxStreams = value;
        break;
      case settingIds.initialWindowSize:
        if (value > largestWindow) throw new Http2Error(http2Codes.flowControlError, 'a window is too large');
        this.streamWindow = value;
        break;
      case settingIds.maxFrameSize:
        if (value < defaultFrameSize || value > largestFrameSize)
          throw new Http2Error(http2Codes.protocolError, 'frames have a size that is not allowed');
        this.frameSize = value;
        break;
      case settingIds.enablePush:
        if (value > 1) throw new Http2Error(http2Codes.protocolError, 'a setting has a value that is not allowed');
        break;
      default:
      // Blocks of headers need no table of the peer, and their size is its own matter.
    }
  }
}
