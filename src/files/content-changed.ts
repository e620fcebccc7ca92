/** The bytes before a place are not what they were when it was reached: the file was cut off or written anew. */
export class ContentChanged extends Error {
  override readonly name = 'ContentChanged';
}
