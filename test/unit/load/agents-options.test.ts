/** A load that agents are to send, as a config has it: what it becomes, and what is refused before anybody is asked. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { http } from '../../../src/kinds/http/kind.ts';
import { sabotage } from '../../../src/kinds/http/sabotage.ts';
import type { LoadAgentsOptions } from '../../../src/load/options/agents-options.ts';
import { buildLoad, nameInConfig } from '../../../src/load/options/index.ts';
import type { LoadOptions } from '../../../src/load/options/options.ts';

const folder = mkdtempSync(join(tmpdir(), 'agents-options-'));
writeFileSync(join(folder, 'cert.pem'), 'the certificate');
writeFileSync(join(folder, 'key.pem'), 'the key');
afterAll(() => rmSync(folder, { recursive: true }));

const HERE = { count: 2, join: 'localhost:7233' };

function built(agents: LoadAgentsOptions, more: Partial<LoadOptions> = {}) {
  const problems: string[] = [];
  const load = buildLoad(
    { kind: 'load', connections: 8, ...more, agents },
    { texts: [], tell: ({ message }) => problems.push(message) },
    {
      nameOf: nameInConfig,
      folder,
      tell: ({ path, message, hint }) => problems.push(`${path.join('.')}: ${message} (${hint})`),
    },
  );
  return { load, problems };
}

test('what is written is kept, with absolute files and the usual patience, and is nothing of the load itself', () => {
  const steps = [{ name: 'create', post: '/orders', capture: { id: 'json:id' } }, { get: '/orders/{{id}}' }];
  const { load, problems } = built(
    { ...HERE, pool: 'east', tlsCert: 'cert.pem', tlsKey: 'key.pem' },
    { steps, users: 4 },
  );
  expect(problems).toEqual([]);
  expect(load.agents).toEqual({
    ...{ count: 2, join: 'localhost:7233', pool: 'east', waitForAgents: 60_000 },
    ...{ tlsCert: join(folder, 'cert.pem'), tlsKey: join(folder, 'key.pem') },
  });
  expect(load.scenario).toMatchObject({ users: 4, order: 'sequence' });
  expect(built({ ...HERE, waitForAgents: '5m' }).load.agents?.waitForAgents).toBe(300_000);
});

test.for<[string, Partial<LoadAgentsOptions>, Partial<LoadOptions>, RegExp]>([
  [
    'no address',
    { join: 'here' },
    {},
    /^agents\.join: `agents\.join` "here" is no address \(write it as HOST/,
  ],
  [
    'another machine that does not know us',
    { join: 'temporal.example:7233' },
    {},
    /^agents\.join: temporal\.example is not this machine.*\(give a client certificate \(`agents\.tlsCert`, /,
  ],
  [
    'a certificate alone',
    { tlsCert: 'cert.pem' },
    {},
    /^agents\.tlsCert: `agents\.tlsCert` and `agents\.tlsKey` go/,
  ],
  [
    'a file that is not there',
    { tlsCa: 'none.pem' },
    {},
    /^agents\.tlsCa: `agents\.tlsCa`: none\.pem cannot be read/,
  ],
  [
    'two API keys',
    { apiKeyEnv: 'KEY', apiKeyFile: 'key.pem' },
    {},
    /^agents\.apiKeyEnv: `agents\.apiKeyEnv` and `agents\.apiKeyFile` contradict each other/,
  ],
  [
    'steps that are a function',
    {},
    { steps: () => null },
    /^agents: this load cannot be divided: steps that a function chooses .*\(list the steps, since a function cannot travel/,
  ],
  [
    'more agents than connections',
    { count: 9 },
    {},
    /^agents: .*8 connections are too few for 9 agents with a thread/,
  ],
  [
    'a search',
    {},
    { findRate: { while: 'p99 < 1s' } },
    /^agents: .*the highest rate is searched for from one/,
  ],
  [
    'a folder for failures',
    {},
    { saveFailures: 'failures' },
    /^agents: .*failures are saved on one machine only/,
  ],
  [
    'a socket of one machine',
    {},
    { unix: 'a.sock' },
    /^agents: .*a unix socket can be reached from its own machine/,
  ],
  [
    'a condition on what no agent sees',
    {},
    { abortOn: ['target.rss.peak > 1GB'] },
    /^abortOn: agents decide when to stop, and do not see the resources of the target: target\.rss\.peak > 1GB/,
  ],
])('refused: %s', ([, agents, more, why]) => {
  const { problems } = built({ ...HERE, ...agents }, more);
  expect(problems).toEqual([expect.stringMatching(why)]);
});

/** A component whose client is that load. */
const component = (load: ReturnType<typeof built>['load']) =>
  ({ services: [], target: 'api', via: [], client: { type: 'load', load } }) as never;

test('a plan says who sends, and a proof sends from one machine', () => {
  const { load } = built(HERE);
  expect(http.steps(component(load)).join('\n')).toContain('have 2 agents at localhost:7233 send GET /: ');
  expect(load.agents).toBeDefined();
  const alone = sabotage.baseline?.(component(load)) as unknown as { client: { load: typeof load } };
  expect(alone.client.load.agents).toBeUndefined();
});
