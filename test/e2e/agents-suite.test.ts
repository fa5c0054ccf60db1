/** A suite whose load agents send: a component like any other. The service has a count of its own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadSummary } from '../../src/core/load.ts';
import { Cluster, lackingServer } from '../rig/cluster.ts';
import { Rig } from '../rig/rig.ts';
import { codesOf, componentOf, JSON_REPORT } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

/** Gives each order a number, and writes down what it was asked when it is told to end. */
const SERVER = `
const { writeFileSync } = require('node:fs');
const counts = {};
let orders = 0;
require('node:http').createServer((request, response) => {
  const path = request.url.replace(/\\d+/, 'N');
  counts[path] = (counts[path] ?? 0) + 1;
  if (request.url === '/login') response.setHeader('set-cookie', 'sid=1');
  else if (!/sid=1/.test(request.headers.cookie ?? '')) response.statusCode = 401;
  response.end(JSON.stringify({ id: ++orders }));
}).listen(process.env.PORT, '127.0.0.1', () => console.log('up'));
process.on('SIGTERM', () => {
  writeFileSync('counts.json', JSON.stringify(counts));
  process.exit(0);
});
`;

const STEPS = {
  before: { name: 'login', post: '/login' },
  steps: [
    { name: 'create', post: '/orders', json: { n: 1 }, capture: { order: 'json:id' } },
    { name: 'read', get: '/orders/{{order}}', think: '5ms' },
  ],
};

describe.runIf(isThorough && lackingServer === undefined)(
  `a suite with agents ${lackingServer ?? ''}`,
  () => {
    let rig: Rig;
    let cluster: Cluster;

    beforeAll(async () => {
      rig = await Rig.create();
      cluster = await Cluster.open(rig);
      rig.write('server.cjs', SERVER);
    });
    afterAll(() => rig[Symbol.asyncDispose]());

    let pools = 0;
    /** Agents of a pool of their own, and a suite whose load they send. */
    async function suite(client: object, thresholds: readonly string[]) {
      const pool = `suite-${pools++}`;
      const agents = await cluster.agents(['a', 'b'], '--pool', pool);
      rig.config({
        components: {
          http: {
            kind: 'http',
            server: { run: [process.execPath, 'server.cjs'], port: 0, ready: { log: 'up' } },
            client: { kind: 'load', ...client, agents: { count: 2, join: cluster.address, pool } },
            thresholds,
          },
        },
      });
      return agents;
    }
    const reported = () => {
      const component = componentOf(rig.report());
      return { component, load: (component as { load?: LoadSummary }).load };
    };

    test('users log in and go their way from two machines, and each report has a row for each', async () => {
      await suite({ ...STEPS, users: 8, requests: 200 }, ['errors == 0', 'p99{read} < 20s']);
      const { code, stdout } = await rig.run([...JSON_REPORT, '--report', 'html=report.html']);
      expect(code, stdout).toBe(0);
      const { component, load } = reported();
      expect(component).toMatchObject({ verdict: 'passed', findings: [] });
      expect(JSON.parse(rig.read('counts.json'))).toEqual({ '/login': 8, '/orders': 200, '/orders/N': 200 });
      expect(load).toMatchObject({
        counts: { scheduled: 400, completed: 400 },
        iterations: { scheduled: 200, completed: 200 },
        agents: [
          { part: 0, fate: 'finished', sent: 200 },
          { part: 1, fate: 'finished', sent: 200 },
        ],
      });
      expect(load?.agents?.map(({ name }) => name).sort()).toEqual(['a', 'b']);
      expect(load?.byName.map(({ name, part }) => `${part} ${name}`)).toEqual([
        'before login',
        'load create',
        'load read',
      ]);
      expect(load?.resources?.rssBytes.peak).toBeGreaterThan(1_000_000);
      const log = rig.read(component.logFile ?? '');
      expect(log).toMatch(/load http:\S+ \(2 steps\) from 2 agents at localhost:\d+: /);
      expect(log).toMatch(/\n *(?:client +\S* *)?.*agent +sent/);
      expect(rig.read('report.html')).toMatch(/agent/);
    });

    test('what the component demands is judged once, of what all have sent', async () => {
      await suite({ rate: 100, duration: '2s', connections: 20, path: '/orders' }, ['errors == 0']);
      const { code } = await rig.run(JSON_REPORT);
      expect(code).toBe(1);
      const { component, load } = reported();
      expect(codesOf(component)).toEqual(expect.arrayContaining(['unexpected-response', 'threshold']));
      expect(load?.counts).toMatchObject({ scheduled: 200, failed: 200 });
    });

    test('an agent that is lost is named, with its machine and its part: inconclusive', async () => {
      const agents = await suite({ rate: 100, duration: '15s', connections: 20, path: '/login' }, [
        'p99 < 20s',
      ]);
      const running = rig.start([...JSON_REPORT, '--report', 'ndjson']);
      await running.output(/"load-window"/);
      agents[1]?.kill('SIGKILL');
      const { code, stdout } = await running.exit();
      expect(code, stdout).toBe(3);
      const { component } = reported();
      expect(codesOf(component)).toEqual(['agents-missing']);
      expect(component.findings[0]?.message).toMatch(/not b on \S+, part [12] \(/);
    });

    test('Ctrl-C ends the load on the agents as well', async () => {
      await suite({ rate: 100, duration: '10m', connections: 20, path: '/login' }, []);
      const running = rig.start([...JSON_REPORT, '--report', 'ndjson']);
      await running.output(/"load-window"/);
      running.kill('SIGINT');
      const { signal } = await running.exit();
      expect(signal).toBe('SIGINT');
      expect(reported().component.verdict).toBe('inconclusive');
    });
  },
);
