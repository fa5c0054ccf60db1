/** The deploy test with a load from agents: servers that end as they should, and others that do not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadSummary } from '../../src/core/load.ts';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { processesOfRun } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { codesOf, componentOf, findingOf, JSON_REPORT } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

const SERVER = `
import { createServer } from 'node:http';
const [manner] = process.argv.slice(2);
let isLeaving = false;
let count = 0;
const server = createServer((request, response) => {
  if (isLeaving && manner !== 'wrong') response.setHeader('Connection', 'close');
  count += 1;
  // It has read this one.
  if (isLeaving && manner === 'wrong') process.exit(3);
  // They do not all end at the same time.
  setTimeout(() => response.end('ok'), 20 + (count * 7) % 40);
  if (manner === 'early' && count === 20) leave();
});
server.keepAliveTimeout = 60_000;
server.listen(process.env.PORT, '127.0.0.1');
const leave = () => {
  isLeaving = true;
  if (manner === 'wrong') return;
  server.close();
  setTimeout(() => server.closeIdleConnections(), 100);
};
// It stays although nobody is connected.
setInterval(() => {}, 1000);
process.on('SIGTERM', () => {
  if (manner === 'right') server.on('close', () => process.exit(0));
  leave();
  if (manner === 'early') process.exit(0);
});
`;

interface Case {
  readonly run: string;
  readonly drain?: object;
  readonly client?: object;
}

describe.runIf(lackingServer === undefined)(
  `a server that is told to leave in a load from agents ${lackingServer ?? ''}`,
  () => {
    let rig: Rig;
    let cluster: Cluster;

    beforeAll(async () => {
      rig = await Rig.create();
      cluster = await Cluster.open(rig);
      rig.write('server.mjs', SERVER);
      await cluster.agents(['a', 'b']);
    });
    afterAll(() => rig[Symbol.asyncDispose]());

    const node = (manner: string): string => `${process.execPath} server.mjs ${manner}`;

    async function run(cases: Readonly<Record<string, Case>>) {
      rig.config({
        components: Object.fromEntries(
          Object.entries(cases).map(([name, { run, drain, client }]) => [
            name,
            {
              kind: 'http',
              server: { run, port: 0, grace: '500ms' },
              client: {
                ...{ kind: 'load', connections: 8, workers: 1, ...client },
                agents: { count: 2, join: cluster.address },
              },
              drain: { after: '500ms', within: '10s', ...drain },
            },
          ]),
        ),
      });
      const { code, stdout } = await rig.run(['--keep-going', '--jobs', '1', ...JSON_REPORT]);
      const report = rig.report();
      expect(processesOfRun(report.run)).toEqual([]);
      const of = (name: string) => componentOf(report, name);
      const departureOf = (name: string) => (of(name) as { load?: LoadSummary }).load?.departure;
      return { code, stdout, of, departureOf };
    }

    test('one that stops well passes, and one that loses requests, or refuses connections before it is told, does not', async () => {
      const { code, stdout, of, departureOf } = await run({
        right: { run: node('right') },
        wrong: { run: node('wrong') },
        early: { run: node('early'), client: { connectTimeout: '1s' } },
      });
      expect(code, stdout).toBe(1);
      expect(of('right').verdict, stdout).toBe('passed');
      const right = departureOf('right');
      expect(right, stdout).toMatchObject({ lost: 0, idle: { kept: 0 }, clocks: { doubts: [] } });
      expect(right?.inFlight).toBeGreaterThan(0);
      // What it answered after the signal came from both.
      expect(right?.refused).toBeGreaterThan(0);

      const wrong = of('wrong');
      expect(codesOf(wrong)).toEqual(expect.arrayContaining(['request-lost', 'exit-code']));
      const { count, evidence = [] } = findingOf(wrong, 'request-lost');
      expect(count).toBeGreaterThan(0);
      expect(evidence[0]).toMatch(
        /^SIGTERM to server \(pid \d+\) after 500 ms of load, \d+ requests? in flight$/,
      );
      expect(evidence.at(-1)).toMatch(/^ *by clocks that agree to \d+ ms$/);

      expect(of('early').verdict).toBe('failed');
      expect(codesOf(of('early'))).toContain('request-failed');
    });

    test.runIf(isThorough)('HTTP/2, and a restart by one process that cannot replace itself', async () => {
      const { stdout, of } = await run({
        stays: { run: node('wrong'), drain: { restart: true, signal: 'SIGWINCH', within: '300ms' } },
        idle: { run: node('right'), client: { rate: 0.1, connections: 2 } },
      });
      expect(codesOf(of('stays')), stdout).toContain('not-restarted');
      expect(codesOf(of('idle')), stdout).toContain('drain-unproven');
    });
  },
);
