import { dict, text } from '../parameter.ts';
import { fixed, type FunctionTable } from '../template-function.ts';
import { Dict, kindOf, type Value } from '../value.ts';
import { refuse } from '../work.ts';

export const urls: FunctionTable = {
  urlParse: fixed([text], (s) => new Dict(new Map<string, Value>(Object.entries(parseUrl(s))))),
  urlJoin: fixed([dict], joinUrl),
};

interface UrlParts {
  readonly scheme: string;
  readonly host: string;
  readonly hostname: string;
  readonly path: string;
  readonly query: string;
  readonly opaque: string;
  readonly fragment: string;
  readonly userinfo: string;
}

/** Takes a URL apart without changing it, but for the path and the fragment, which are decoded. */
function parseUrl(s: string): UrlParts {
  const refuseUrl = (problem: string): never => refuse(`unable to parse url: parse ${JSON.stringify(s)}: ${problem}`);
  const decode = (part: string): string => decoded(part) ?? refuseUrl('invalid URL escape');
  if (/[^\P{Cc}\u0080-\u009f]/u.test(s)) refuseUrl('net/url: invalid control character in URL');
  const [beforeFragment = '', ...fragments] = s.split('#');
  const [, scheme = '', afterScheme = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)$/s.exec(beforeFragment) ?? [];
  if (scheme === '' && afterScheme.startsWith(':')) refuseUrl('missing protocol scheme');
  const [beforeQuery = '', ...queries] = afterScheme.split('?');
  const shared = {
    scheme: scheme.toLowerCase(),
    query: queries.join('?'),
    fragment: decode(fragments.join('#')),
  };
  const nothing = { host: '', hostname: '', path: '', opaque: '', userinfo: '' };
  if (scheme !== '' && !beforeQuery.startsWith('/')) return { ...shared, ...nothing, opaque: beforeQuery };
  const [firstSegment = ''] = beforeQuery.split('/');
  if (scheme === '' && firstSegment.includes(':')) refuseUrl('first path segment in URL cannot contain colon');
  const [, authority, path = ''] = /^(?:\/\/([^/]*))?(.*)$/s.exec(beforeQuery) ?? [];
  if (authority === undefined || beforeQuery.startsWith('///')) {
    return { ...shared, ...nothing, path: decode(authority === undefined ? path : beforeQuery.slice(2)) };
  }
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  if (/[ "<>^`{|}\\]/.test(host)) refuseUrl(`invalid character in host name`);
  const [, hostname = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(host) ?? [];
  if (port !== undefined && !/^\d*$/.test(port)) refuseUrl(`invalid port ":${port}" after host`);
  return {
    ...shared,
    ...nothing,
    host: decode(host),
    hostname: decode(hostname.replaceAll(/^\[|\]$/g, '')),
    path: decode(path),
    userinfo: at < 0 ? '' : authority.slice(0, at),
  };
}

/** Undefined if an escape is no byte in hexadecimal. */
function decoded(part: string): string | undefined {
  if (!part.includes('%')) return part;
  if (/%(?![0-9a-fA-F]{2})/.test(part)) return undefined;
  const bytes = part.split(/((?:%[0-9a-fA-F]{2})+)/).map((piece) => {
    return piece.startsWith('%') ? Buffer.from(piece.replaceAll('%', ''), 'hex') : Buffer.from(piece);
  });
  return Buffer.concat(bytes).toString();
}

function joinUrl(parts: Dict): string {
  const part = (key: string): string => {
    if (!parts.has(key)) return '';
    const value = parts.get(key);
    if (typeof value === 'string') return value;
    return refuse(`unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`);
  };
  const scheme = part('scheme') === '' ? '' : `${part('scheme')}:`;
  const query = part('query') === '' ? '' : `?${part('query')}`;
  const fragment = part('fragment') === '' ? '' : `#${encoded(part('fragment'))}`;
  if (part('opaque') !== '') return scheme + part('opaque') + query + fragment;
  const host = part('host');
  const path = encoded(part('path'));
  const userinfo = part('userinfo') === '' ? '' : `${part('userinfo')}@`;
  const authority = scheme !== '' || host !== '' || userinfo !== '' ? `//${userinfo}${host}` : '';
  const isPathApart = path !== '' && !path.startsWith('/') && host !== '';
  return (
    scheme + (authority === '//' && path === '' ? '' : authority) + (isPathApart ? '/' : '') + path + query + fragment
  );
}

function encoded(part: string): string {
  return encodeURI(part.toWellFormed()).replaceAll(/[?#[\]]/g, (character) => encodeURIComponent(character));
}
