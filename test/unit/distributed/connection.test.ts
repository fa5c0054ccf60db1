import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { flagOf } from '../../../src/cli/load-flags.ts';
import type { JoinWords } from '../../../src/core/join.ts';
import { secrets } from '../../../src/core/secrets.ts';
import { notAttached, notBegun, readJoining, unreachable } from '../../../src/distributed/connection.ts';

const folder = mkdtempSync(join(tmpdir(), 'joining-'));
writeFileSync(join(folder, 'cert.pem'), 'the certificate');
writeFileSync(join(folder, 'key.pem'), 'the key');
writeFileSync(join(folder, 'ca.pem'), 'the authority');
afterAll(() => rmSync(folder, { recursive: true }));

const inFolder = (name: string): string => join(folder, name);
const read = (flags: JoinWords, env: NodeJS.ProcessEnv = {}) =>
  readJoining(flags, { nameOf: (word) => flagOf(['agents', word]), folder, env });
const wrong = (flags: JoinWords, env: NodeJS.ProcessEnv = {}): string[] => {
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
    '--tls-cert and --tls-key go together',
    expect.stringMatching(/^--tls-cert: ENOENT/),
    '--api-key-env KEY: that variable is not set',
  ]);
  expect(wrong({})).toEqual(['--join is missing: where the server of Temporal is']);
  expect(wrong({ join: 'localhost:70000' })).toEqual(['--join "localhost:70000" is no address']);
});

test('an API key is that of a variable or a file, in one line', () => {
  const join = 'temporal.example:7233';
  writeFileSync(inFolder('api.key'), 'key-456-of-the-server\n');
  writeFileSync(inFolder('two.keys'), 'k-1\nk-2\n');
  writeFileSync(inFolder('no.key'), '\n');
  expect(read({ join, apiKeyFile: 'api.key' })).toMatchObject({
    ok: true,
    value: { apiKey: 'key-456-of-the-server', tls: {} },
  });
  expect(secrets.conceal('it was key-456-of-the-server')).not.toContain('key-456-of-the-server');
  expect(wrong({ join, apiKeyFile: 'two.keys' })).toEqual(['--api-key-file two.keys: that is no API key']);
  expect(wrong({ join, apiKeyFile: 'no.key' })).toEqual(['--api-key-file no.key: that is no API key']);
  expect(wrong({ join, apiKeyFile: 'gone.key' })).toEqual([expect.stringMatching(/^--api-key-file: ENOENT/)]);
  expect(wrong({ join, apiKeyEnv: 'KEY' }, { KEY: 'k 1' })).toEqual([
    '--api-key-env KEY: that is no API key',
  ]);
  expect(wrong({ join, apiKeyEnv: 'KEY', apiKeyFile: 'api.key' }, { KEY: 'k' })).toEqual([
    '--api-key-env and --api-key-file contradict each other',
  ]);
});

test('a server that answers and refuses is told from one that is not there', () => {
  expect(wrong({ join: 'localhost:7233', pool: 'p'.repeat(201) })).toEqual(['--pool has 201 characters']);
  const joining = { address: 'localhost:1', namespace: 'nosuch', pool: 'default' };
  for (const message of [
    '5 NOT_FOUND: Namespace nosuch is not found.',
    'Namespace nosuch was not found or otherwise could not be described: Status { code: NotFound }',
  ])
    expect(unreachable(joining, new Error(message)).message).toBe(
      'the server at localhost:1 has no namespace "nosuch"',
    );
  expect(unreachable(joining, new Error('refused')).message).toBe(
    'no server of Temporal answers at localhost:1: refused',
  );
  const cause = Object.assign(new Error('3 INVALID_ARGUMENT: too long'), { details: 'too long' });
  expect(notBegun(new Error('Failed to start Workflow', { cause })).message).toBe(
    'the server does not begin the run: too long',
  );
  expect(notBegun(new Error('why')).message).toBe('the server does not begin the run: why');
});

test('what the system has said of a server that does not answer is told, and not what is around it', () => {
  const around =
    'tonic::transport::Error(Transport, ConnectError(ConnectError("tcp connect error", Os { code: 111, message: "Connection refused" })))';
  const joining = { address: 'localhost:1', namespace: 'default', pool: 'default' };
  expect(unreachable(joining, new Error(around)).message).toBe(
    'no server of Temporal answers at localhost:1: Connection refused',
  );
});

test('a run that the server does not know is told in words', () => {
  const unknown = Object.assign(new Error('5 NOT_FOUND: workflow not found for ID: it'), { code: 5 });
  expect(notAttached('it', unknown, 'shakedown load')).toEqual({
    message: '--attach it: the server knows no such run',
    hint: 'give the run as `shakedown load` has named it, and the --join and --namespace that it was begun with',
  });
  expect(notAttached('it', new Error('it is no load'), '').message).toBe('--attach it: it is no load');
});
