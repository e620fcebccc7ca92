/*
 * How the spans of a batch are laid out: on the wire, by tags, and in the index over them, by words.
 */

/** The words of a span. */
export const rowSize = 16;
export const word = {
  start: 0,
  end: 1,
  traceId: 2,
  spanId: 3,
  parentSpanId: 4,
  nameStart: 5,
  nameEnd: 6,
  stateStart: 7,
  stateEnd: 8,
  kind: 9,
  status: 10,
  startLow: 11,
  startHigh: 12,
  endLow: 13,
  endHigh: 14,
  /** Whether one of the names that are looked up is there more than once. */
  hasRepeats: 15,
} as const;

/** The numbers of a resource: its chunk, the whole message, its own one, and its first scope. */
export const resourceSize = 6;
/** The numbers of a scope: the whole message, its own one, and its first row. */
export const scopeSize = 5;

/** Tags of requests, of what has a head and items below, and of spans. */
export const level = { own: 0x0a, below: 0x12, schemaUrl: 0x1a };
export const spanTag = {
  traceId: 0x0a,
  spanId: 0x12,
  traceState: 0x1a,
  parentSpanId: 0x22,
  name: 0x2a,
  kind: 0x30,
  start: 0x39,
  end: 0x41,
  attributes: 0x4a,
  droppedAttributes: 0x50,
  events: 0x5a,
  droppedEvents: 0x60,
  links: 0x6a,
  droppedLinks: 0x70,
  status: 0x7a,
  /** The first byte of two. */
  flags: 0x85,
};
