import { test } from 'node:test';
import { assertRenders } from '../../../testkit/render-template.ts';

test('the first letters of words change', () => {
  assertRenders([
    ['{{ title "hello world-foo_bar baz.qux 1st éa" }}', 'Hello World-Foo_bar Baz.Qux 1st Éa'],
    ['{{ untitle "Hello World  Foo" }}', 'hello world  foo'],
    ['{{ initials "First Try x" }}', 'FTx'],
    ['{{ nospace " a b\\tc " }}', 'abc'],
    ['{{ swapcase "This Is A.Test" }}', 'tHIS iS a.tEST'],
  ]);
});

test('names change their style', () => {
  assertRenders([
    ['{{ snakecase "FirstName" }}', 'first_name'],
    ['{{ snakecase "HTTPServer" }}', 'http_server'],
    ['{{ snakecase "NoHTTPS" }}', 'no_https'],
    ['{{ snakecase "GO_PATH" }}', 'go_path'],
    ['{{ snakecase "GO PATH" }}', 'go_path'],
    ['{{ snakecase "GO-PATH" }}', 'go_path'],
    ['{{ snakecase "http2xx" }}', 'http_2xx'],
    ['{{ snakecase "HTTP20xOK" }}', 'http_20x_ok'],
    ['{{ snakecase "Duration2m3s" }}', 'duration_2m3s'],
    ['{{ snakecase "Bld4Floor3rd" }}', 'bld4_floor_3rd'],
    ['{{ snakecase "a.b!!c__d" }}', 'a.b!!c__d'],
    ['{{ snakecase "x86_64" }}', 'x86_64'],
    ['{{ snakecase "ABC123def" }}', 'abc_123def'],
    ['{{ snakecase "héLLo" }}', 'hé_l_lo'],
    ['{{ snakecase "a1" }}', 'a1'],
    ['{{ snakecase "1a" }}', '1a'],
    ['{{ snakecase "_Foo" }}', '_foo'],
    ['{{ snakecase "foo_" }}', 'foo_'],
    ['{{ snakecase "fooBar!Baz" }}', 'foo_bar!baz'],
    ['{{ snakecase "日本Go語" }}', '日本_go_語'],
    ['{{ snakecase "" }}', ''],
    ['{{ camelcase "http_server" }}', 'HttpServer'],
    ['{{ camelcase "no_https" }}', 'NoHttps'],
    ['{{ camelcase "_complex__case_" }}', '_Complex_Case_'],
    ['{{ camelcase "some words" }}', 'SomeWords'],
    ['{{ camelcase "GOLANG_IS_GREAT" }}', 'GolangIsGreat'],
    ['{{ camelcase "a" }}', 'A'],
    ['{{ camelcase "" }}', ''],
    ['{{ camelcase "fooBar" }}', 'FooBar'],
    ['{{ camelcase "FOO" }}', 'Foo'],
    ['{{ camelcase "a-b c_d" }}', 'ABCD'],
    ['{{ kebabcase "FirstName" }}', 'first-name'],
    ['{{ kebabcase "HTTPServer v2" }}', 'http-server-v2'],
  ]);
});
