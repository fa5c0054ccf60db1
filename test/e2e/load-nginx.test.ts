/** `shakedown load` against a real nginx. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { LoadResult } from '../../src/core/load.ts';
import { LARGE, NGINX, SMALL, startNginx } from '../rig/nginx.ts';
import { Rig } from '../rig/rig.ts';
import { inTurn } from '../rig/thorough.ts';

async function load(
  rig: Rig,
  ...args: string[]
): Promise<{ code: number | null; result: LoadResult; text: string }> {
  const { code, stdout, stderr } = await rig.run(['load', ...args, '--json']);
  if (stdout === '') throw new Error(stderr);
  return { code, result: JSON.parse(stdout) as LoadResult, text: stderr };
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
const countDescriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** Whether the windows so far show that the target has used its processor, and so many descriptors more than at first. */
function wasSeenAtWork(rig: Rig, connections: number): boolean {
  if (!existsSync(join(rig.dir, 'load.csv'))) return false;
  const [head = '', ...lines] = rig.read('load.csv').split('\n').slice(0, -1);
  const rows = lines.map((line) => line.split(','));
  const column = (name: string): number[] => rows.map((row) => Number(row[head.split(',').indexOf(name)]));
  return Math.max(...column('target.descriptors')) >= connections && new Set(column('target.cpuMs')).size > 1;
}

test('nginx is there', { skip: NGINX === undefined && process.env.CI === undefined }, () => {
  // `.ci/run` installs it, and sets CI: there these tests must not be left out.
  expect(NGINX).toBeDefined();
});

describe.skipIf(NGINX === undefined)('nginx', () => {
  const requests = [
    { path: '/small.txt', body: SMALL, args: [] },
    { path: '/large.txt', body: LARGE, args: [] },
    { path: '/large.txt', body: LARGE, args: ['--pipelining', '8'] },
    { path: '/large.txt', body: LARGE, args: ['--workers', '2'] },
    { path: '/large.txt', body: LARGE, args: ['--no-keep-alive'] },
    { path: '/chunked', body: LARGE, args: ['--expect-header', 'transfer-encoding: chunked'] },
  ];
  test.each(inTurn(requests, 3))('sends $path to the last byte, with $args', async ({ path, body, args }) => {
    await using rig = await Rig.create();
    await using nginx = await startNginx(rig);
    const url = `${nginx.url}${path}`;
    const { code, result, text } = await load(
      rig,
      url,
      '-n',
      '600',
      '-c',
      '16',
      '--expect-body',
      `=${body}`,
      ...args,
    );
    expect(code, text).toBe(0);
    expect(result.counts).toMatchObject({
      scheduled: 600,
      completed: 600,
      checked: 600,
      byStatus: { 200: 600 },
    });
    expect(result.bytes.received).toBeGreaterThan(600 * body.length);
  });

  test.each(inTurn([10, 1, 50]))(
    'ends a connection of HTTP/2 after 1,000 requests, with %i streams',
    async (streams) => {
      await using rig = await Rig.create();
      await using nginx = await startNginx(rig);
      const url = `${nginx.http2}/small.txt`;
      const how = ['--http2', '--streams', String(streams), '-c', '2', '-n', '3500'];
      const { result, text } = await load(rig, url, ...how, '--expect-body', `=${SMALL}`);
      expect(result.counts, text).toMatchObject({ scheduled: 3500, completed: 3500, failed: 0, timedOut: 0 });
      expect(result.latencyUs.service?.count).toBe(3500);
      expect(result.findings.filter(({ code }) => code !== 'generator-saturated')).toEqual([]);
    },
  );

  test('closes each connection, and a new one is made', async () => {
    await using rig = await Rig.create();
    await using nginx = await startNginx(rig);
    const { code, result, text } = await load(
      rig,
      ...[`${nginx.url}/close`, '-n', '300', '-c', '8', '--expect-body', `=${SMALL}`],
      ...['--expect-header', 'connection: close'],
    );
    expect(code, text).toBe(0);
    expect(result.counts).toMatchObject({ scheduled: 300, completed: 300, failed: 0 });
  });

  test('ends a connection after 1,000 requests, with others sent behind: they go again', async () => {
    await using rig = await Rig.create();
    await using nginx = await startNginx(rig);
    const { code, result, text } = await load(
      rig,
      ...[`${nginx.url}/small.txt`, '-n', '5000', '-c', '2', '--pipelining', '8'],
    );
    expect(code, text).toBe(0);
    expect(result.counts).toMatchObject({ scheduled: 5000, completed: 5000, failed: 0 });
  });

  test('a body that is off by one byte is caught, in 10 KB as well', async () => {
    await using rig = await Rig.create();
    await using nginx = await startNginx(rig);
    const wrong = `${LARGE.slice(0, 9000)}!${LARGE.slice(9001)}`;
    const { code, result } = await load(
      rig,
      `${nginx.url}/large.txt`,
      '-n',
      '50',
      '--expect-body',
      `=${wrong}`,
    );
    expect(code).toBe(1);
    expect(result.counts).toMatchObject({ completed: 0, failed: 50 });
    expect(result.failures[0]?.message).toContain('at byte 9000');
  });

  test('a redirect is a response: counted, and not followed', async () => {
    await using rig = await Rig.create();
    await using nginx = await startNginx(rig);
    const url = `${nginx.url}/away`;
    const unasked = await load(rig, url, '-n', '50');
    expect(unasked.code).toBe(1);
    expect(unasked.result.counts).toMatchObject({ failed: 50, byStatus: { 302: 50 } });
    const wanted = await load(
      rig,
      ...[url, '-n', '50', '--expect-status', '3xx', '--expect-header', 'location: /\\/small\\.txt$/'],
      ...['--threshold', 'status.302 == 100%'],
    );
    expect(wanted.code, wanted.text).toBe(0);
    expect(wanted.result.counts).toMatchObject({ completed: 50, byStatus: { 302: 50 } });
  });

  test('answers without a body, and to HEAD, end where they end', async () => {
    await using rig = await Rig.create();
    await using nginx = await startNginx(rig);
    const { code, result, text } = await load(
      rig,
      ...[nginx.url, '-n', '300', '-c', '4', '--pipelining', '4', '--expect-status', '200,204'],
      ...['--request', 'GET /gone', '--request', 'HEAD /large.txt', '--request', 'GET /small.txt'],
    );
    expect(code, text).toBe(0);
    const { byStatus } = result.counts;
    expect((byStatus['200'] ?? 0) + (byStatus['204'] ?? 0)).toBe(300);
    expect(result.bytes.received).toBeLessThan(300 * 500);
  });

  test('sees where a connection comes from', async () => {
    await using rig = await Rig.create();
    await using nginx = await startNginx(rig);
    const url = `${nginx.url}/from`;
    const here = await load(rig, url, '-n', '20', '--expect-body', '=127.0.0.1');
    expect(here.code, here.text).toBe(0);
    const there = await load(rig, url, '-n', '20', '--source', '127.0.0.2', '--expect-body', '=127.0.0.2');
    expect(there.code, there.text).toBe(0);
  });

  test('is reached by its unix socket', async () => {
    await using rig = await Rig.create();
    await using nginx = await startNginx(rig);
    const { code, text } = await load(
      rig,
      ...['http://web/large.txt', '--unix', nginx.socket, '-n', '100', '--expect-body', `=${LARGE}`],
    );
    expect(code, text).toBe(0);
  });

  test('is watched with all of its processes', async () => {
    await using rig = await Rig.create();
    await using nginx = await startNginx(rig, 3);
    const open = [nginx.pid, ...childrenOf(nginx.pid)].map(countDescriptors);
    const atRest = open.reduce((sum, count) => sum + count);
    const run = rig.start([
      ...['load', `${nginx.url}/large.txt`, '-d', '1h', '-c', '24', '--pid', String(nginx.pid)],
      ...['--threshold', 'target.cpu > 0%', '--threshold', 'target.rss.growth < 1GB'],
      ...['--csv', 'load.csv', '--json'],
    ]);
    // It is looked at once a second. On a busy machine it may take some until it has been seen at work for all of them.
    // The test has knocked before: some descriptors may have been connections of its own.
    while (!wasSeenAtWork(rig, atRest + 20)) await delay(20);
    run.kill('SIGINT');
    const { stdout, stderr } = await run.exit();
    const result = JSON.parse(stdout) as LoadResult;
    expect(result.counts.completed, stderr).toBeGreaterThan(20);
    expect(result.thresholds.map(({ holds }) => holds)).toEqual([true, true]);
    const { resources } = result;
    // The master and its three workers, of one thread each.
    expect(resources?.threads).toEqual({ first: 4, last: 4, peak: 4 });
    expect(resources?.descriptors.first).toBeGreaterThan(open[0] ?? 0);
    // Each of the 24 connections is a descriptor of a worker.
    expect(resources?.descriptors.peak).toBeGreaterThanOrEqual((resources?.descriptors.first ?? 0) + 20);
    expect(resources?.rssBytes.first).toBeGreaterThan(4_000_000);
    expect(resources?.cpuMs).toBeGreaterThan(0);
    expect(result.windows[0]?.target?.processes).toBe(4);
  });
});
