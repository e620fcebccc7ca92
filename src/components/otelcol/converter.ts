import type { Consumer, Delivery } from '../../flow/delivery.ts';

/** Of how many bytes of output on what is made of one batch goes on in another piece. */
export const pieceSize = 4 * 1024 * 1024;

/** Makes batches of another signal of one batch after the other. */
export interface Converter<I, O> {
  open(batch: I): void;
  /** What becomes of the next items, about `pieceSize` bytes of it; undefined if none are left. */
  next(): O | undefined;
}

/**
 * Sends on what a converter makes, each piece when the one before was accepted. What is made can be many times as large
 * as the batch, since each record repeats what is said once of its resource; mostly there is one piece.
 */
export function converting<I, O>(make: () => Converter<I, O>, to: Consumer<O>): Consumer<I> {
  // Converters own much memory. Only batches that come while another one waits need one of their own.
  let idle: Converter<I, O> | undefined;
  const pass = (converter: Converter<I, O>, delivery: Delivery): Promise<void> | undefined => {
    for (let piece = converter.next(); piece !== undefined; piece = converter.next()) {
      const accepted = to.consume(piece, delivery);
      if (accepted !== undefined) return accepted.then(() => pass(converter, delivery));
    }
    idle = converter;
    return undefined;
  };
  return {
    consume(batch, delivery) {
      const converter = idle ?? make();
      idle = undefined;
      converter.open(batch);
      return pass(converter, delivery);
    },
  };
}
