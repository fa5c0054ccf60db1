/** The search for the highest rate that holds, against real servers of known concurrency. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { LoadResult, LoadSummary } from '../../src/core/load.ts';
import { Rig } from '../rig/rig.ts';
import { componentOf, JSON_REPORT } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

/** Works on so many requests at a time, for so many milliseconds each. */
async function counter(places: number, takes: number) {
  let busy = 0;
  const waiting: ServerResponse[] = [];
  const work = (response: ServerResponse): void => {
    busy += 1;
    setTimeout(() => {
      response.end('ok');
      busy -= 1;
      const next = waiting.shift();
      if (next !== undefined) work(next);
    }, takes);
  };
  const server = createServer((_, response) => {
    if (busy < places) work(response);
    else waiting.push(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
    },
  };
}

// The guide to capacity has such a search, too, which is tried each time.
test.runIf(isThorough)(
  'finds no more than a server of fixed concurrency can answer, and tells all rates',
  async () => {
    await using rig = await Rig.create();
    await using target = await counter(4, 40);
    const { code, stdout, stderr } = await rig.run([
      ...[
        'load',
        target.url,
        '--find-rate',
        'p99 < 500ms',
        '--find-rate',
        'errors == 0',
        '--from',
        '50/s',
        '--to',
        '200/s',
      ],
      ...['--duration', '1s', '--threshold', 'capacity >= 50/s', '--json', '--csv', 'levels.csv'],
    ]);
    const result = JSON.parse(stdout) as LoadResult;
    const { capacity } = result;
    if (capacity === null) throw new Error('there is no capacity');
    // On a busy machine a search may be inconclusive. It answers 100 a second: in the second that a rate is sent, what is
    // above that by a half keeps people waiting for longer than half a second.
    expect([0, 3], stderr).toContain(code);
    expect(capacity.holds).toBeGreaterThanOrEqual(50);
    expect(capacity.holds).toBeLessThanOrEqual(160);
    expect(capacity.while).toEqual(['p99 < 500ms', 'errors == 0']);
    expect(capacity.levels.length).toBeGreaterThan(3);
    expect(result.thresholds).toMatchObject([{ expression: 'capacity >= 50/s', holds: true }]);
    expect(stderr).toContain('the highest rate from 50/s to 200/s while p99 < 500ms and errors == 0');
    expect(stderr).toMatch(/ 50\/s {2}.+ \(a quick look\)/);
    const times = rig
      .read('levels.csv')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',')[0]));
    expect(times.length).toBeGreaterThan(capacity.levels.length);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  },
);

test('in a suite, the range is all that is tried, and the capacity stands beside the name', async () => {
  await using rig = await Rig.create();
  rig.write(
    'server.cjs',
    "require('node:http').createServer((_, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1');",
  );
  rig.config({
    components: {
      http: {
        kind: 'http',
        server: { run: [process.execPath, 'server.cjs'], port: 0 },
        client: { kind: 'load', findRate: { while: 'errors == 0', from: 30, to: 40 }, duration: '300ms' },
        thresholds: ['capacity >= 40/s'],
      },
    },
  });
  const { code, stdout } = await rig.run(['http', ...JSON_REPORT]);
  expect(code, stdout).toBe(0);
  expect(stdout).toContain('at least 40/s holds');
  const { load } = componentOf(rig.report()) as { load?: LoadSummary };
  expect(load?.capacity).toMatchObject({ holds: 40, fails: null, atLeast: true, limitedBy: 'range' });
});

test('what contradicts a search is a mistake', async () => {
  await using rig = await Rig.create();
  const refuse = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await rig.run(['load', 'http://127.0.0.1:1/', ...args]);
    expect(code).toBe(2);
    return stderr;
  };
  const told = await refuse('--find-rate', 'p99 < 5', '--rate', '5', '--from', '9', '--to', '3');
  expect(told).toContain('--find-rate and --rate contradict each other');
  expect(told).toContain('--from is more than --to');
  expect(told).toContain('--find-rate:1:7: "p99" cannot be compared with a number without a unit');
  const lonely = await refuse('--from', '5', '--threshold', 'capacity >= 5/s');
  expect(lonely).toContain('--from is for a search for a rate');
  expect(lonely).toContain('say with --find-rate which conditions are to hold');
});
