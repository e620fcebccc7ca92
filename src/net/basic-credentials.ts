/** What a client says in the header of basic authentication. */
export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
  /** Both as they came. */
  readonly encoded: string;
}

/** Reads the value of an `Authorization` header; a text says what is wrong with it. */
export function readBasicCredentials(header: string | undefined): BasicCredentials | string {
  if (header === undefined || header === '') return 'no basic auth provided';
  const [, encoded] = /^basic (.*)$/i.exec(header) ?? [];
  if (encoded === undefined) return 'invalid authorization scheme prefix';
  const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(encoded);
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (!isBase64 || colon < 0) return 'invalid authorization format';
  return { username: text.slice(0, colon), password: text.slice(colon + 1), encoded };
}
