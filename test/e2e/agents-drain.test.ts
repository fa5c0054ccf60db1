/** The deploy test with a load from agents: servers that end as they should, and others that do not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadSummary } from '../../src/core/load.ts';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { NGINX, startSlowly } from '../rig/nginx.ts';
import { processesOfRun } from '../rig/processes.ts';
import { Rig, type ShakedownRun } from '../rig/rig.ts';
import { codesOf, componentOf, findingOf, JSON_REPORT } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

const SERVER = `
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
const [manner] = process.argv.slice(2);
let isLeaving = false;
let count = 0;
const sessions = new Set();
const server = (manner === 'http2' ? createHttp2Server : createServer)((request, response) => {
  if (isLeaving && (manner === 'right' || manner === 'early')) response.setHeader('Connection', 'close');
  count += 1;
  // It has read this one.
  if (isLeaving && manner === 'wrong') process.exit(3);
  // They do not all end at the same time.
  setTimeout(() => response.end('ok'), 20 + (count * 7) % 40);
  if (manner === 'early' && count === 20) leave();
});
server.on('session', (session) => sessions.add(session));
server.keepAliveTimeout = 60_000;
server.listen(process.env.PORT, '127.0.0.1');
const leave = () => {
  isLeaving = true;
  if (manner === 'wrong' || manner === 'deaf') return;
  server.close();
  for (const session of sessions) session.close();
  if (manner !== 'http2') setTimeout(() => server.closeIdleConnections(), 100);
};
// It stays although nobody is connected.
setInterval(() => {}, 1000);
process.on('SIGTERM', () => {
  if (manner === 'right' || manner === 'http2') server.on('close', () => process.exit(0));
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
    let agents: readonly ShakedownRun[] = [];

    beforeAll(async () => {
      rig = await Rig.create();
      cluster = await Cluster.open(rig);
      rig.write('server.mjs', SERVER);
      agents = await cluster.agents(['a', 'b']);
    });
    afterAll(() => rig[Symbol.asyncDispose]());

    const node = (manner: string): string => `${process.execPath} server.mjs ${manner}`;

    /** @param meddle does something once the load has begun */
    async function run(
      cases: Readonly<Record<string, Case>>,
      meddle: (running: ShakedownRun) => Promise<void> = async () => {},
    ) {
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
      const running = rig.start(['--keep-going', '--jobs', '1', ...JSON_REPORT, '--report', 'ndjson']);
      await meddle(running);
      const { code, stdout } = await running.exit();
      const report = rig.report();
      expect(processesOfRun(report.run)).toEqual([]);
      const of = (name: string) => componentOf(report, name);
      const departureOf = (name: string) => (of(name) as { load?: LoadSummary }).load?.departure;
      return { code, stdout, of, departureOf };
    }

    /** On a machine that is too busy to know when things happened nothing passes; not so often in a row. */
    async function decided(cases: Readonly<Record<string, Case>>) {
      let tried = await run(cases);
      for (let again = 0; again < 4 && tried.code === 3; again += 1) tried = await run(cases);
      return tried;
    }

    test('one that stops well passes', async () => {
      const { stdout, of, departureOf } = await decided({ right: { run: node('right') } });
      expect(of('right').verdict, stdout).toBe('passed');
      const right = departureOf('right');
      expect(right, stdout).toMatchObject({ lost: 0, idle: { kept: 0 }, clocks: { doubts: [] } });
      expect(right?.inFlight).toBeGreaterThan(0);
      expect(right?.refused).toBeGreaterThan(0);
    });

    test('one that loses requests, or refuses connections before it is told, does not', async () => {
      const { code, stdout, of } = await run({
        wrong: { run: node('wrong') },
        // It leaves long before it is told.
        early: { run: node('early'), client: { connectTimeout: '1s' }, drain: { after: '3s' } },
      });
      expect(code, stdout).toBe(1);
      const wrong = of('wrong');
      expect(codesOf(wrong)).toEqual(expect.arrayContaining(['request-lost', 'exit-code']));
      const { count, evidence = [] } = findingOf(wrong, 'request-lost');
      expect(count).toBeGreaterThan(0);
      expect(evidence[0]).toMatch(
        /^SIGTERM to server \(pid \d+\) after \d+ ms of load, \d+ requests? in flight$/,
      );
      expect(evidence.at(-1)).toMatch(/^ *by clocks that agree to \d+ ms$/);

      expect(of('early').verdict).toBe('failed');
      expect(codesOf(of('early'))).toContain('request-failed');
    });

    test.runIf(isThorough)('one that stays, one by HTTP/2, and at a rate', async () => {
      const { stdout, of } = await run({
        deaf: { run: node('deaf'), drain: { within: '600ms' } },
        idle: { run: node('right'), client: { rate: 0.2, connections: 2 } },
      });
      expect(codesOf(of('deaf')), stdout).toEqual(expect.arrayContaining(['not-drained', 'connection-kept']));
      expect(findingOf(of('deaf'), 'connection-kept').count).toBe(4);
      expect(codesOf(of('idle')), stdout).toContain('drain-unproven');
      const http2 = await decided({ http2: { run: node('http2'), client: { http2: true } } });
      expect(http2.of('http2').verdict, http2.stdout).toBe('passed');
      const rate = await decided({
        rate: { run: node('right'), client: { rate: 100, connections: 32, workers: 2 } },
      });
      expect(rate.of('rate').verdict, rate.stdout).toBe('passed');
      expect(rate.departureOf('rate')?.refused).toBeGreaterThan(0);
    });

    test.runIf(isThorough && NGINX !== undefined)('nginx, which is told to stop, or to restart', async () => {
      const client = { path: '/small.txt' };
      rig.write('small.txt', 'ok');
      const quit = await decided({
        quit: { run: startSlowly(rig, 'quit'), client, drain: { signal: 'SIGQUIT' } },
      });
      expect(quit.of('quit').verdict, quit.stdout).toBe('passed');
      const hup = await decided({ hup: { run: startSlowly(rig, 'hup'), client, drain: { restart: true } } });
      expect(hup.of('hup').verdict, hup.stdout).toBe('passed');
      const term = await run({ term: { run: startSlowly(rig, 'term'), client } });
      expect(codesOf(term.of('term')), term.stdout).toContain('request-lost');
    });

    test.runIf(isThorough)('without one of the agents nothing passes', async () => {
      const { code, stdout, of } = await run(
        { lost: { run: node('right'), drain: { after: '4s' } } },
        async (running) => {
          await running.output(/"load-window"/);
          agents[1]?.kill('SIGKILL');
        },
      );
      expect(code, stdout).toBe(3);
      expect(codesOf(of('lost'))).toContain('agents-missing');
    });
  },
);
