import { test } from 'node:test';
import { assertRenders } from '../../../testkit/render-template.ts';

test('paths are taken apart and cleaned', () => {
  assertRenders([
    ['{{ base "/a/b/../c.tar.gz" }}', 'c.tar.gz'],
    ['{{ dir "/a/b/../c.tar.gz" }}', '/a'],
    ['{{ clean "/a/b/../c.tar.gz" }}', '/a/c.tar.gz'],
    ['{{ ext "/a/b/../c.tar.gz" }}', '.gz'],
    ['{{ isAbs "/a" }}', 'true'],
    ['{{ isAbs "a" }}', 'false'],
    ['{{ osBase "a/b" }}', 'b'],
    ['{{ osDir "a/b" }}', 'a'],
    ['{{ osClean "a//b" }}', 'a/b'],
    ['{{ osExt "a.b" }}', '.b'],
    ['{{ osIsAbs "/" }}', 'true'],
    ['{{ base "" }}', '.'],
    ['{{ base "/" }}', '/'],
    ['{{ base "a/" }}', 'a'],
    ['{{ base "//" }}', '/'],
    ['{{ dir "" }}', '.'],
    ['{{ dir "/" }}', '/'],
    ['{{ dir "a" }}', '.'],
    ['{{ dir "a/" }}', 'a'],
    ['{{ dir "/a" }}', '/'],
    ['{{ clean "" }}', '.'],
    ['{{ clean "a//b/./c/.." }}', 'a/b'],
    ['{{ clean "../x" }}', '../x'],
    ['{{ clean "/.." }}', '/'],
    ['{{ clean "a/" }}', 'a'],
    ['{{ ext "a.b/c" }}', ''],
    ['{{ ext ".bashrc" }}', '.bashrc'],
    ['{{ ext "a." }}', '.'],
  ]);
});
