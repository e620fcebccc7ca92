import { test } from 'node:test';
import { assertFails, assertRenders } from '../../../testkit/render-template.ts';

test('versions are read', () => {
  assertRenders([
    ['{{ semver "1.2.3" }}', '1.2.3'],
    ['{{ (semver "v1.2.3-beta.1+b").Major }}', '1'],
    ['{{ (semver "1.2.3-beta.1+b").Prerelease }}', 'beta.1'],
    ['{{ (semver "1.2.3-beta.1+b").Metadata }}', 'b'],
    ['{{ (semver "1.2").Patch }}', '0'],
    ['{{ semver "v1" }}', '1.0.0'],
    ['{{ (semver "v1.2.3").Original }}', 'v1.2.3'],
    ['{{ (semver "1.2.3").Minor }}', '2'],
    ['{{ (semver "1.2.3").Compare (semver "1.10.0") }}', '-1'],
    ['{{ toJson (semver "v1") }}', '"1.0.0"'],
  ]);
  assertFails([['{{ semver "abc" }}', 'error calling semver: Invalid Semantic Version']]);
});

test('versions are compared with conditions', () => {
  assertRenders([
    ['{{ semverCompare "^1.2.0" "1.5.3" }}', 'true'],
    ['{{ semverCompare "~1.2.0" "1.3.0" }}', 'false'],
    ['{{ semverCompare ">=1.2, <2" "1.9" }}', 'true'],
    ['{{ semverCompare "1.x" "1.9" }}', 'true'],
    ['{{ semverCompare "1.2 - 1.4" "1.3" }}', 'true'],
    ['{{ semverCompare "=1.2.3" "1.2.3" }}', 'true'],
    ['{{ semverCompare "!=1.2.3" "1.2.3" }}', 'false'],
    ['{{ semverCompare "<1 || >3" "4.0.0" }}', 'true'],
    ['{{ semverCompare "^0.2.3" "0.2.9" }}', 'true'],
    ['{{ semverCompare "^0.2.3" "0.3.0" }}', 'false'],
    ['{{ semverCompare "^0.0.3" "0.0.4" }}', 'false'],
    ['{{ semverCompare ">1.0" "1.0.5" }}', 'false'],
    ['{{ semverCompare "*" "1.0.0" }}', 'true'],
    ['{{ semverCompare ">=1.0.0" "1.1.0-beta" }}', 'false'],
    ['{{ semverCompare ">=1.0.0-0" "1.1.0-beta" }}', 'true'],
    ['{{ semverCompare "~1" "1.9.9" }}', 'true'],
    ['{{ semverCompare "~1" "2.0.0" }}', 'false'],
    ['{{ semverCompare "<=1.2" "1.2.9" }}', 'true'],
    ['{{ semverCompare ">1.2" "1.2.9" }}', 'false'],
    ['{{ semverCompare "1.2.x" "1.2.7" }}', 'true'],
    ['{{ semverCompare ">1.2 <1.4" "1.3" }}', 'true'],
    ['{{ semverCompare "1.2" "1.2.5" }}', 'true'],
    ['{{ semverCompare "^0" "0.9" }}', 'true'],
    ['{{ semverCompare "^0.0" "0.0.9" }}', 'true'],
    ['{{ semverCompare "!=1.2" "1.2.5" }}', 'false'],
    ['{{ semverCompare "<1.2" "1.2.0-a" }}', 'false'],
    ['{{ semverCompare ">1.2.3-alpha.1" "1.2.3-alpha.2" }}', 'true'],
    ['{{ semverCompare "~1.2.x" "1.2.9" }}', 'true'],
  ]);
  assertFails([['{{ semverCompare "bad" "1.0.0" }}', 'error calling semverCompare: improper constraint: bad']]);
});
