interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly isSecure: boolean;
  /** In milliseconds since 1970. */
  readonly expires: number;
}

/** Cookies of one host beyond that number make room for new ones, the oldest first. */
const maxCookies = 50;
const maxCookieSize = 4096;
/** Hosts beyond that number, which endpoints do not have. */
const maxHosts = 8;

/** Keeps the cookies of servers and gives them back to the host that has set them, and to no other. */
export class CookieJar {
  readonly #hosts = new Map<string, Map<string, Cookie>>();

  /** The header for a request; undefined if there is none. */
  headerFor(url: URL): string | undefined {
    const now = Date.now();
    const fitting = [...(this.#hosts.get(url.hostname)?.values() ?? [])].filter(
      ({ path, isSecure, expires }) =>
        expires > now && isBelow(url.pathname, path) && (!isSecure || url.protocol === 'https:'),
    );
    return fitting.length === 0 ? undefined : fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** Takes the `Set-Cookie` headers of a response. */
  keep(url: URL, headers: readonly string[]): void {
    for (const header of headers) {
      const cookie = header.length > maxCookieSize ? undefined : parseCookie(header, url);
      if (cookie === undefined) continue;
      const known = this.#cookiesOf(url.hostname);
      const key = `${cookie.name} ${cookie.path}`;
      known.delete(key);
      if (cookie.expires <= Date.now()) continue;
      known.set(key, cookie);
      const [oldest] = known.keys();
      if (known.size > maxCookies && oldest !== undefined) known.delete(oldest);
    }
  }

  #cookiesOf(host: string): Map<string, Cookie> {
    let known = this.#hosts.get(host);
    if (known === undefined) {
      const [oldest] = this.#hosts.keys();
      if (this.#hosts.size >= maxHosts && oldest !== undefined) this.#hosts.delete(oldest);
      this.#hosts.set(host, (known = new Map()));
    }
    return known;
  }
}

function parseCookie(header: string, url: URL): Cookie | undefined {
  const [pair = '', ...attributes] = header.split(';');
  const at = pair.indexOf('=');
  const name = pair.slice(0, Math.max(0, at)).trim();
  // What is neither name nor value could add headers of its own.
  if (name === '' || !/^[\x21-\x7e]+$/.test(name) || !/^[\x20-\x7e]*$/.test(pair)) return undefined;
  const given = new Map(
    attributes.map((attribute): [string, string] => {
      const [key = '', ...value] = attribute.split('=');
      return [key.trim().toLowerCase(), value.join('=').trim()];
    }),
  );
  const path = given.get('path') ?? '';
  return {
    name,
    value: pair.slice(at + 1).trim(),
    path: path.startsWith('/') ? path : url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf('/'))),
    isSecure: given.has('secure'),
    expires: expiryOf(given.get('max-age'), given.get('expires')),
  };
}

function expiryOf(maxAge: string | undefined, expires: string | undefined): number {
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Date.now() + Number(maxAge) * 1000;
  const time = expires === undefined ? Number.NaN : Date.parse(expires);
  return Number.isNaN(time) ? Infinity : time;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
