import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentsFrom, problemsWith } from '../../testkit/arguments.ts';
import { httpClientFields } from '../http-client-fields.ts';
import { checkCloudClient, cloudAuthFields } from './fields.ts';

const id = '00000000-0000-0000-0000-00000000abcd';

test('wrong arguments of clouds are told', () => {
  const oauth = (client: string, tenant: string): string =>
    `oauth {\n client_id = "${client}"\n client_secret = "s"\n tenant_id = "${tenant}"\n}`;
  const cases: readonly [text: string, problem: RegExp | undefined][] = [
    ['sigv4 { }', undefined],
    ['sigv4 {\n access_key = "a"\n}', /access_key and secret_key must come together/],
    ['sigv4 {\n secret_key = "a"\n}', /access_key and secret_key must come together/],
    ['sigv4 {\n external_id = "a"\n}', /external_id needs role_arn/],
    ['azuread { }', /exactly one of managed_identity, workload_identity, oauth and sdk must be configured/],
    [`azuread {\n${oauth(id, 't')}\nsdk {\n tenant_id = "t"\n}\n}`, /exactly one of managed_identity/],
    [`azuread {\n${oauth(id, 't-1.example')}\n}`, undefined],
    [`azuread {\n${oauth('x', 't')}\n}`, /must be a UUID/],
    [`azuread {\n${oauth(id, 'a/b')}\n}`, /must be the ID or the domain of a tenant/],
    [`azuread {\ncloud = "Other"\n${oauth(id, 't')}\n}`, /want one of/],
    [`azuread {\nscope = "a?b"\n${oauth(id, 't')}\n}`, /has characters that a scope cannot have/],
    ['azuread {\nmanaged_identity {\n client_id = ""\n}\n}', undefined],
    ['azuread {\nmanaged_identity {\n client_id = "x"\n}\n}', /must be a UUID/],
    ['azuread {\nsdk {\n tenant_id = ""\n}\n}', undefined],
    ['google_iam { }', undefined],
  ];
  for (const [text, problem] of cases) {
    const [first, ...more] = problemsWith(cloudAuthFields, text);
    if (problem === undefined) assert.equal(first, undefined, text);
    else assert.match(first ?? '', problem, text);
    assert.deepEqual(more, []);
  }
});

test('requests show in one way who sends them', () => {
  const problem =
    /^at most one of sigv4, azuread, google_iam, basic_auth, oauth2, bearer_token & bearer_token_file must/;
  const others = ['google_iam { }', 'basic_auth { }', 'authorization { }', 'bearer_token = "x"', 'bearer_token_file = "x"']; // prettier-ignore
  const check = (text: string): string | undefined =>
    checkCloudClient(argumentsFrom({ ...httpClientFields, ...cloudAuthFields }, text));
  assert.equal(check('sigv4 { }'), undefined);
  for (const other of others) assert.match(check(`sigv4 { }\n${other}`) ?? '', problem);
  assert.match(check('bearer_token = "x"\nbasic_auth { }') ?? '', /^at most one of basic_auth/);
});
