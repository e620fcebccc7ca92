import { test } from 'node:test';
import { assertFails, assertRenders } from '../../../testkit/render-template.ts';

test('URLs are taken apart', () => {
  assertRenders([
    [
      '{{ urlParse "https://user:pw@example.com:8080/p%20a/th?q=1&r=2#frag" }}',
      'map[fragment:frag host:example.com:8080 hostname:example.com opaque: path:/p a/th query:q=1&r=2 scheme:https userinfo:user:pw]',
    ],
    ['{{ urlParse "mailto:x@y" }}', 'map[fragment: host: hostname: opaque:x@y path: query: scheme:mailto userinfo:]'],
    [
      '{{ urlParse "/just/path?q" }}',
      'map[fragment: host: hostname: opaque: path:/just/path query:q scheme: userinfo:]',
    ],
    ['{{ urlParse "http://h" }}', 'map[fragment: host:h hostname:h opaque: path: query: scheme:http userinfo:]'],
    [
      '{{ urlParse "http://[::1]:80/x" }}',
      'map[fragment: host:[::1]:80 hostname:::1 opaque: path:/x query: scheme:http userinfo:]',
    ],
    ['{{ urlParse "" }}', 'map[fragment: host: hostname: opaque: path: query: scheme: userinfo:]'],
    ['{{ urlParse "//h/p" }}', 'map[fragment: host:h hostname:h opaque: path:/p query: scheme: userinfo:]'],
    [
      '{{ urlParse "HTTP://h/a%2Fb" }}',
      'map[fragment: host:h hostname:h opaque: path:/a/b query: scheme:http userinfo:]',
    ],
    [
      '{{ urlParse "file:///etc/x" }}',
      'map[fragment: host: hostname: opaque: path:/etc/x query: scheme:file userinfo:]',
    ],
  ]);
  assertFails([
    ['{{ urlParse ":x" }}', 'error calling urlParse: unable to parse url: parse ":x": missing protocol scheme'],
    [
      '{{ urlParse "1:2" }}',
      'error calling urlParse: unable to parse url: parse "1:2": first path segment in URL cannot contain colon',
    ],
  ]);
});

test('URLs are put together', () => {
  assertRenders([
    [
      '{{ urlJoin (dict "scheme" "http" "host" "h:80" "path" "/p a" "query" "q=1" "fragment" "f x" "userinfo" "u:p") }}',
      'http://u:p@h:80/p%20a?q=1#f%20x',
    ],
    ['{{ urlJoin (dict "path" "x") }}', 'x'],
    [
      '{{ urlJoin (urlParse "https://user:pw@example.com:8080/p%20a/th?q=1&r=2#frag") }}',
      'https://user:pw@example.com:8080/p%20a/th?q=1&r=2#frag',
    ],
    ['{{ urlJoin (dict "host" "h" "path" "x") }}', '//h/x'],
    ['{{ urlJoin (dict "scheme" "mailto" "opaque" "x@y") }}', 'mailto:x@y'],
  ]);
  assertFails([
    [
      '{{ urlJoin (dict "scheme" 1) }}',
      'error calling urlJoin: unable to parse scheme key, must be of type string, but int found',
    ],
  ]);
});
