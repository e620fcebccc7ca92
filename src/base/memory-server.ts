/** A request to a server in the same process. */
export interface MemoryRequest {
  readonly method: string;
  /** As it stands in a request line: encoded, with the query. */
  readonly target: string;
  /** With names in lower case, and several values of one name joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** How much of the body of the response is kept. */
  readonly maxResponseBytes: number;
}

export interface MemoryResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether there was more of the body than `maxResponseBytes`. */
  readonly isTruncated: boolean;
}

/** An HTTP server that is reached without a socket, by clients in the same process. */
export interface MemoryServer {
  /** The `host:port` of URLs that lead to it; nothing else does. */
  readonly address: string;
  request(request: MemoryRequest): Promise<MemoryResponse>;
}
