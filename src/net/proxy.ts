import { HttpError } from './http-error.ts';
import type { HttpHeaders } from './http-message.ts';
import { noProxyRule } from './no-proxy.ts';

/** Which requests go through a proxy. */
export interface ProxySettings {
  /** The proxy for a URL, or none. Throws an HttpError if the environment names one that is none. */
  proxyFor(url: URL): URL | undefined;
  /** What is told to the proxy only, when it is asked to connect to an https host. */
  readonly connectHeaders: HttpHeaders;
}

export function noProxy(): ProxySettings {
  return { proxyFor: () => undefined, connectHeaders: {} };
}

/** One proxy for everything, except for the hosts in a list if there is one. */
export function fixedProxy(proxy: URL, exceptions: string, connectHeaders: HttpHeaders): ProxySettings {
  const isDirect = exceptions === '' ? () => false : noProxyRule(exceptions);
  return { proxyFor: (url) => (isDirect(url) ? undefined : proxy), connectHeaders };
}

/** The proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, in capitals or not. */
export function environmentProxy(
  variables: Readonly<Record<string, string | undefined>>,
  connectHeaders: HttpHeaders,
): ProxySettings {
  const variable = (name: string): string => variables[name] || variables[name.toLowerCase()] || '';
  const isDirect = noProxyRule(variable('NO_PROXY'));
  return {
    connectHeaders,
    proxyFor(url) {
      const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
      const text = variable(name);
      if (text === '' || isDirect(url)) return undefined;
      const proxy = URL.parse(text.includes('://') ? text : `http://${text}`);
      if (proxy?.protocol === 'http:' || proxy?.protocol === 'https:') return proxy;
      throw new HttpError('proxy', `the variable ${name} does not hold an http or https URL`);
    },
  };
}

/** The header by which a proxy knows us, from the user and password in its URL. */
export function proxyAuthorization(proxy: URL): HttpHeaders {
  const header = basicOfUrl(proxy);
  return header === undefined ? {} : { 'proxy-authorization': header };
}

/** The basic credentials in a URL, as a header value. */
export function basicOfUrl(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  return basicHeader(decoded(url.username), decoded(url.password));
}

export function basicHeader(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that encodes nothing stands for itself.
    return text;
  }
}
