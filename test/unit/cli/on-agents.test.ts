import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { agent } from '../../../src/cli/cluster/agent.ts';
import { loadOnAgents, whyNotThatRun } from '../../../src/cli/cluster/load.ts';
import type { Program } from '../../../src/cli/flags.ts';
import { load } from '../../../src/cli/load.ts';
import { flagsBesideAttach, type LoadFlags, loadOptions } from '../../../src/cli/load-flags.ts';
import type { Threshold } from '../../../src/core/condition.ts';
import type { LoadPlan } from '../../../src/core/load.ts';
import { parseThreshold } from '../../../src/core/threshold.ts';
import { closed, planFor } from '../load/plans.ts';

/** What commander gives without a word. */
const NOTHING = loadOptions(new Command()).opts<LoadFlags>();

afterEach(() => vi.restoreAllMocks());

test.each([
  [
    { saveFailures: '/tmp' },
    { agents: 2 },
    'this load cannot be divided: failures are saved on one machine only',
  ],
  [{ model: closed(3) }, { agents: 4 }, '3 connections are too few for 4 agents with a thread each'],
  [{}, { agents: 2, pid: 1 }, '--pid watches a process of this machine, which the agents are not on'],
  [
    {},
    { attach: 'it', rate: 5, duration: '1s', keepAlive: false, header: ['A: b'], waitForAgents: '1s' },
    'and cannot heed --rate, --duration, --header, --no-keep-alive, --wait-for-agents\n  leave them out',
  ],
  [{}, { agents: 2, attach: 'it' }, '--agents begins a load, --attach shows one that goes on'],
] as [Partial<LoadPlan>, Partial<LoadFlags>, string][])(
  'what agents cannot do is refused before a server is looked for: %j %j',
  async (more, flags, why) => {
    const said: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    const plan = planFor('http://127.0.0.1:1/', { model: closed(8), ...more });
    const outcome = await loadOnAgents(plan, { ...NOTHING, ...flags } as LoadFlags, {} as Program);
    expect(outcome).toEqual({ exitCode: 2 });
    expect(said.join('')).toContain(why);
  },
);

test.each<[string, Partial<LoadFlags>]>([
  ['--join', { join: 'localhost:1' }],
  ['--pool', { pool: 'east' }],
  ['--wait-for-agents', { waitForAgents: '5s' }],
])('without a number of agents %s is no load from this machine alone', async (name, flags) => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const program = { cwd: '/', version: '1.0.0' } as Program;
  const outcome = await load('http://127.0.0.1:1/', { ...NOTHING, requests: 1, ...flags }, program);
  expect(outcome).toEqual({ exitCode: 2 });
  expect(said.join('')).toContain(`${name} is for a load from agents`);
});

test('what a run is judged by, and what is told of it, goes with --attach', () => {
  const flags = loadOptions(new Command()).parse(
    [
      '--attach',
      'it',
      '--join',
      'localhost:1',
      '--pool',
      'p',
      '-t',
      'p99 < 1s',
      '--abort-on',
      'errors > 1%',
      '--json',
      ...['--csv', 'f', '--data', 'names.csv', '--sse'],
    ],
    { from: 'user' },
  );
  expect(flagsBesideAttach(flags.opts())).toEqual([]);
});

test('a run that was begun with other bounds is not judged as if it had those that are given now', () => {
  const [p99, rate, errors] = ['p99 < 50ms', 'rate > 10/s', 'errors > 10%'].map((text) => {
    const bound = parseThreshold(text);
    if (!bound.ok) throw new Error(text);
    return bound.value;
  }) as [Threshold, Threshold, Threshold];
  const plan = (more: Partial<LoadPlan>, url = 'http://127.0.0.1:1/') => planFor(url, more);
  const there = plan({ thresholds: [p99, rate], abortOn: [errors] });
  const why = (asked: LoadPlan, run = there) => whyNotThatRun(asked, run)?.message;
  for (const asked of [plan({}), plan({ thresholds: [rate] }), there]) expect(why(asked)).toBeUndefined();
  expect(why(plan({}), plan({ departure: 'stop' }))).toContain('by the suite that began it');
  // That of a component has no path.
  expect(why(plan({}), plan({}, 'http://127.0.0.1:1'))).toBeUndefined();
  expect(why(plan({ thresholds: [p99, errors] }))).toContain("without --threshold 'errors > 10%'");
  expect(why(plan({ abortOn: [p99] }))).toContain("without --abort-on 'p99 < 50ms'");
  expect(why(plan({}, 'http://127.0.0.1:2/'))).toContain('that run sends to http://127.0.0.1:1/');
});

test.each(['', ' ', 'n'.repeat(201)])('an agent needs a name that the server takes: %j', async (name) => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const flags = { name, allowTarget: [], allowPackages: false, once: true };
  expect(await agent(flags, {} as Program)).toEqual({ exitCode: 2 });
  expect(said.join('')).toContain(`--name has ${name.length} character`);
});
