import type { Consumer, Delivery } from '../../flow/delivery.ts';

/** Of how many bytes of output what is made of one batch goes on in another piece. */
export const pieceSize = 4 * 1024 * 1024;

/**
 * Sends what is made of one batch piece by piece, each when the one before was accepted, since what is made can be many
 * times as large as the batch: each record repeats what is said once of its resource. Mostly there is one piece.
 */
export function passInPieces<B>(
  next: () => B | undefined,
  to: Consumer<B>,
  delivery: Delivery,
): Promise<void> | undefined {
  for (let piece = next(); piece !== undefined; piece = next()) {
    const accepted = to.consume(piece, delivery);
    if (accepted !== undefined) return accepted.then(() => passInPieces(next, to, delivery));
  }
  return undefined;
}
