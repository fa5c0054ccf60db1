import { afterEach, expect, test, vi } from 'vitest';
import { loadOnAgents } from '../../../src/cli/cluster/load.ts';
import type { Program } from '../../../src/cli/flags.ts';
import type { LoadFlags } from '../../../src/cli/load-flags.ts';
import type { LoadPlan } from '../../../src/core/load.ts';
import { closed, planFor } from '../load/plans.ts';

afterEach(() => vi.restoreAllMocks());

test.each([
  [
    { saveFailures: '/tmp' },
    { agents: 2 },
    'this load cannot be divided: failures are saved on one machine only',
  ],
  [{ model: closed(3) }, { agents: 4 }, '3 connections are too few for 4 agents with a thread each'],
  [{}, { agents: 2, pid: 1 }, '--pid watches a process of this machine, which the agents are not on'],
  [{}, { agents: 2, attach: 'it' }, '--agents begins a load, --attach shows one that goes on'],
] as [Partial<LoadPlan>, Partial<LoadFlags>, string][])(
  'what agents cannot do is refused before a server is looked for: %j %j',
  async (more, flags, why) => {
    const said: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    const plan = planFor('http://127.0.0.1:1/', { model: closed(8), ...more });
    const outcome = await loadOnAgents(plan, flags as LoadFlags, {} as Program);
    expect(outcome).toEqual({ exitCode: 2 });
    expect(said.join('')).toContain(why);
  },
);
