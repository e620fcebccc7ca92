import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../parse-error.ts';
import { parseRegexp } from './parse.ts';
import { canRescan } from './rescan.ts';

function judge(pattern: string): boolean {
  const parsed = parseRegexp(pattern);
  if (parsed instanceof ParseError) throw new Error(parsed.message);
  return canRescan(parsed.root);
}

test('a loop that starts at few places, or after what it cannot pass, is harmless', () => {
  const patterns = [
    'abc',
    '^.*$',
    '^(\\S+) (.*)$',
    '^(?P<time>\\S+)\\s+(?P<level>\\w+) (.*)',
    'status[=:]\\s*"?(\\d+)',
    'level=(\\w+)',
    '"[^"]*"',
    '(?m)^.*x',
    '^(?:[^,]*,){3}(.*)',
    '^\\d{1,3}\\.(.*)',
    '(?:error|warning): +\\d',
  ];
  for (const pattern of patterns) assert.equal(judge(pattern), false, pattern);
});

test('a loop that starts anywhere in what it passes is not', () => {
  const patterns = ['.*x', '\\w+@', '^.*a.*b', 'key=(\\S+)', '^(?:\\w+\\s*)*$', '(?:ab)+x', '^\\S+.*x', 'a|\\d+x'];
  for (const pattern of patterns) assert.equal(judge(pattern), true, pattern);
});
