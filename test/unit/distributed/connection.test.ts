import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type JoinFlags, readJoining } from '../../../src/distributed/connection.ts';

const folder = mkdtempSync(join(tmpdir(), 'joining-'));
writeFileSync(join(folder, 'cert.pem'), 'the certificate');
writeFileSync(join(folder, 'key.pem'), 'the key');
writeFileSync(join(folder, 'ca.pem'), 'the authority');
afterAll(() => rmSync(folder, { recursive: true }));

const read = (flags: JoinFlags, env: NodeJS.ProcessEnv = {}) => readJoining(flags, folder, env);
const wrong = (flags: JoinFlags, env: NodeJS.ProcessEnv = {}): string[] => {
  const joining = read(flags, env);
  return joining.ok ? [] : joining.error.map(({ message }) => message);
};

test('on this machine nothing is needed but where', () => {
  for (const join of ['localhost:7233', '127.0.0.1:1', '[::1]:7233'])
    expect(read({ join })).toEqual({
      ok: true,
      value: { address: join, namespace: 'default', pool: 'default' },
    });
});

test('off this machine the server must know who sends load, by a certificate or a key', () => {
  for (const join of [
    '10.0.0.1:7233',
    'temporal.example:7233',
    '127.0.0.1.example:7233',
    'localhost.example:1',
  ])
    expect(wrong({ join }), join).toEqual([expect.stringContaining('is not this machine')]);
  // That the way is secure does not say who we are.
  expect(wrong({ join: 'temporal.example:7233', tlsCa: 'ca.pem' })).toHaveLength(1);
  expect(
    read({ join: 'temporal.example:7233', tlsCert: 'cert.pem', tlsKey: 'key.pem', tlsCa: 'ca.pem' }),
  ).toEqual({
    ok: true,
    value: {
      ...{ address: 'temporal.example:7233', namespace: 'default', pool: 'default' },
      tls: {
        serverRootCACertificate: Buffer.from('the authority'),
        clientCertPair: { crt: Buffer.from('the certificate'), key: Buffer.from('the key') },
      },
    },
  });
  expect(read({ join: 'temporal.example:7233', apiKeyEnv: 'KEY' }, { KEY: 'k-123' })).toEqual({
    ok: true,
    value: {
      address: 'temporal.example:7233',
      namespace: 'default',
      pool: 'default',
      tls: {},
      apiKey: 'k-123',
    },
  });
});

test('all that is wrong is told at once', () => {
  expect(wrong({ join: 'here', tlsCert: 'none.pem', apiKeyEnv: 'KEY' })).toEqual([
    '--join "here" is no address',
    expect.stringMatching(/^--tls-cert: ENOENT/),
    '--tls-cert and --tls-key go together',
    '--api-key-env KEY: that variable is not set',
  ]);
  expect(wrong({})).toEqual(['--join is missing: where the server of Temporal is']);
  expect(wrong({ join: 'localhost:70000' })).toEqual(['--join "localhost:70000" is no address']);
});
