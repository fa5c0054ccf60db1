import { expect, test } from 'vitest';
import type { LoadTarget } from '../../../src/core/load.ts';
import { forbiddenIn } from '../../../src/distributed/allowed-targets.ts';

const target = (url: string, rest: Partial<LoadTarget> = {}): LoadTarget => ({
  ...{ url, address: null, unixSocket: null, localAddress: null },
  ...rest,
});

test('an agent whose operator names nothing sends to its own machine alone', () => {
  for (const url of ['http://localhost:8001', 'http://127.0.0.1:80', 'http://[::1]:8001', 'ws://127.9.9.9'])
    expect(forbiddenIn(target(url), []), url).toBeUndefined();
  expect(forbiddenIn(target('https://example.com'), [])).toBe('example.com:443');
  expect(forbiddenIn(target('http://127.0.0.1.example.com'), [])).toBe('127.0.0.1.example.com:80');
  expect(forbiddenIn(target('http://localhost.example.com:81'), [])).toBe('localhost.example.com:81');
});

test('a host goes with every port, unless the pattern has one; a * stands for anything', () => {
  const patterns = ['*.test.example', 'db.example:8080', '10.0.*.7'];
  for (const url of [
    'http://a.test.example:9',
    'https://a.b.TEST.example',
    'http://db.example:8080',
    'http://10.0.3.7',
  ])
    expect(forbiddenIn(target(url), patterns), url).toBeUndefined();
  for (const url of [
    'http://test.example',
    'http://a.test.example.org',
    'http://db.example:8081',
    'http://10.0.3.70',
    'http://localhost',
  ])
    expect(forbiddenIn(target(url), patterns), url).toBeDefined();
});

test('pieces of a pattern do not overlap', () => {
  expect(forbiddenIn(target('http://aba'), ['ab*ba'])).toBe('aba:80');
  expect(forbiddenIn(target('http://abba'), ['ab*ba'])).toBeUndefined();
});

test('where it really goes must be allowed as well: an address to connect to, or a socket', () => {
  const led = target('http://localhost', { address: '10.1.1.1' });
  expect(forbiddenIn(led, [])).toBe('10.1.1.1:80');
  expect(forbiddenIn(led, ['localhost', '10.1.*'])).toBeUndefined();
  const socket = target('http://localhost', { unixSocket: '/run/docker.sock' });
  expect(forbiddenIn(socket, ['localhost'])).toBe('unix:/run/docker.sock');
  expect(forbiddenIn(socket, ['unix:/run/docker.sock'])).toBeUndefined();
});
