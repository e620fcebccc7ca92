import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { argumentsFrom, problemsWith } from '../../testkit/arguments.ts';
import { CertificateAuthority } from '../../testkit/certificates.ts';
import { clientTlsBlock, clientTlsOf, isTlsWanted, serverTlsBlock, serverTlsOf } from './tls-block.ts';

const client = { tls: clientTlsBlock.optional() };
const server = { tls: serverTlsBlock.optional() };

const pair = 'cert_pem = "c"\nkey_pem = "k"';
const mistakes = [
  ['client', 'ca_pem = "a"\nca_file = "b"', /at most one of ca_pem and ca_file must be configured/],
  ['client', `${pair}\ncert_file = "c"`, /at most one of cert_pem and cert_file must be configured/],
  ['client', `${pair}\nkey_file = "k"`, /at most one of key_pem and key_file must be configured/],
  ['client', 'cert_pem = "c"', /a certificate needs one of key_pem and key_file/],
  ['client', 'key_file = "k"', /a key needs one of cert_pem and cert_file/],
  ['client', 'min_version = "TLS12"', /want one of "", "1.0", "1.1", "1.2", "1.3"/],
  ['client', 'min_version = "1.3"\nmax_version = "1.2"', /min_version must not be higher than max_version/],
  ['client', 'cipher_suites = ["RC4"]', /want one of "TLS_RSA/],
  ['client', 'cipher_suites = ["TLS_RSA_WITH_AES_128_CBC_SHA"]', /needs include_insecure_cipher_suites/],
  ['client', 'curve_preferences = ["P224"]', /want one of "X25519", "P256", "P384", "P521"/],
  ['client', 'tpm {\n enabled = true\n}', /keys in a TPM are not supported/],
  ['server', 'client_ca_file = "ca"', /a server needs a certificate and a key/],
  ['server', 'cert_file = "c"', /a certificate needs one of key_pem and key_file/],
] as const;
for (const [side, lines, message] of mistakes) {
  test(`a mistake of a ${side} is found: ${message.source}`, () => {
    const problems = problemsWith(side === 'client' ? client : server, `tls {\n${lines}\n}`);
    assert.match(problems.join('\n'), message);
  });
}

const plain = [
  ['', true],
  ['tls { }', true],
  ['tls {\n insecure = true\n}', false],
  ['tls {\n insecure = true\n ca_pem = "x"\n}', true],
  ['tls {\n insecure = true\n ca_file = "x"\n}', true],
] as const;
for (const [text, expected] of plain) {
  test(`TLS is ${expected ? '' : 'not '}used with ${JSON.stringify(text)}`, () => {
    assert.equal(isTlsWanted(argumentsFrom(client, text).tls), expected);
  });
}

test('versions, suites and curves are as TLS of Node takes them, and TLS 1.3 stays possible', () => {
  const lines = `min_version = "1.2"
    cipher_suites = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]
    curve_preferences = ["X25519", "P256", "P384", "P521"]
    server_name = "collector"
    insecure_skip_verify = true`;
  const tls = clientTlsOf(argumentsFrom(client, `tls {\n${lines}\n}`).tls);
  createSecureContext(tls.options);
  const { ciphers, ...others } = tls.options;
  assert.deepEqual(others, { minVersion: 'TLSv1.2', ecdhCurve: 'X25519:P-256:P-384:P-521' });
  assert.match(ciphers ?? '', /^ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256:/);
  assert.deepEqual([tls.serverName, tls.verifiesServer], ['collector', false]);
});

test('the certificates that the system trusts are added if that is wanted', async () => {
  const { cert } = new CertificateAuthority('authority');
  const text = `tls {\n ca_pem = ${JSON.stringify(cert)}\n include_system_ca_certs_pool = true\n}`;
  const { ca } = clientTlsOf(argumentsFrom(client, text).tls).sources;
  const all = (await ca?.read()) ?? '';
  assert.ok(all.startsWith(cert));
  assert.ok((all.match(/BEGIN CERTIFICATE/g)?.length ?? 0) > 10);
  assert.equal(await ca?.read(), all);
  createSecureContext({ ca: all });
});

test('a server wants certificates of clients if there is an authority for them', () => {
  const tlsOf = (lines: string) => {
    const { tls } = argumentsFrom(server, `tls {\n${pair}\n${lines}\n}`);
    assert.ok(tls !== undefined);
    return serverTlsOf(tls);
  };
  assert.equal(tlsOf('').clientAuth, 'NoClientCert');
  assert.equal(tlsOf('ca_file = "not for clients"').sources.ca, undefined);
  assert.equal(tlsOf('client_ca_file = "/ca"').clientAuth, 'RequireAndVerifyClientCert');
});
