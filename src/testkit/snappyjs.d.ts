declare module 'snappyjs' {
  export function compress(input: Buffer): Buffer;
  /** Throws for input that is broken or larger than the limit. */
  export function uncompress(input: Buffer, maxLength?: number): Buffer;
}
