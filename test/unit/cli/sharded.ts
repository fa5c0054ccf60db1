/** Suites that are run in shards, as their results tell it, without a process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { match } from '../../../src/cli/merge/match.ts';
import { readResult } from '../../../src/cli/merge/result-file.ts';
import { putTogether } from '../../../src/cli/merge/together.ts';
import type { RunEvent, Stamped } from '../../../src/core/event.ts';
import { ownershipOf } from '../../../src/core/ownership.ts';
import type { Plan } from '../../../src/core/plan.ts';
import type { Component } from '../../../src/core/suite.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { conclude } from '../../../src/engine/conclusion.ts';
import { createEmitter } from '../../../src/engine/emitter.ts';
import { Ledger } from '../../../src/engine/ledger.ts';
import { runSchedule } from '../../../src/engine/schedule.ts';
import { planRun } from '../../../src/plan/plan.ts';
import { shardOf } from '../../../src/plan/shard.ts';
import { ndjsonReport } from '../../../src/report/ndjson.ts';
import { advance, INITIAL_STATE, type RunState } from '../../../src/report/state.ts';
import { suite } from '../plan/suites.ts';

/** The folder of the results of the test that runs. */
export const results = { root: '' };

export function eachInItsOwnFolder(): void {
  beforeEach(() => {
    results.root = mkdtempSync(join(tmpdir(), 'shakedown-merge-'));
  });
  afterEach(() => rmSync(results.root, { recursive: true, force: true }));
}

export type Outcomes = Readonly<Record<string, Exclude<Verdict, 'skipped'>>>;
const NEVER = new AbortController().signal;

/** The events of a run in which components end as they are told to, ten milliseconds each. */
export async function run(
  plan: Plan,
  outcomes: Outcomes,
  more: Partial<Extract<RunEvent, { type: 'run-started' }>> = {},
) {
  const events: Stamped[] = [];
  const ledger = new Ledger(plan.components.map(({ component }) => component.name));
  let now = 0;
  const emit = createEmitter([(event) => ledger.take(event), (event) => events.push(event)], () => now);
  const { number = 1 } = plan.shard ?? {};
  emit({
    ...{ type: 'run-started', run: `20260105-02453${number}-aaaaa`, version: '0.1.0', suite: 'integration' },
    ...{ root: plan.root, source: plan.source, runDir: `${plan.root}/.shakedown/runs/x` },
    ...{
      startedAt: `2026-01-05T02:45:3${number}.000Z`,
      memory: 'off',
      ownership: ownershipOf('finders'),
      jobs: 1,
    },
    components: plan.components.map(({ component: { name, kind, cwd } }) => ({
      name,
      kind,
      cwd,
      likeness: name,
    })),
    isCompared: true,
    ...(plan.shard === undefined ? {} : { shard: plan.shard }),
    ...more,
  });
  const step = 'npm ci';
  emit({ type: 'setup-started', step });
  emit({ type: 'setup-finished', step, outcome: 'done', durationMs: 0, logFile: null, findings: [] });
  await runSchedule(plan, {
    execute: async ({ component: { name, kind } }) => {
      emit({
        type: 'component-started',
        component: name,
        kind,
        attempt: 1,
        logFile: `${plan.root}/${name}.log`,
      });
      emit({ type: 'output', component: name, step: name, lastLine: 'hello' });
      now += 10;
      const verdict = outcomes[name] ?? 'passed';
      const code = verdict === 'failed' ? 'zero-work' : 'ended-early';
      if (verdict !== 'passed')
        emit({
          type: 'finding',
          component: name,
          attempt: 1,
          finding: { code, message: `${name} went wrong` },
        });
      emit({
        type: 'component-finished',
        component: name,
        verdict,
        flaky: false,
        attempts: 1,
        durationMs: 10,
      });
      return verdict;
    },
    skip: ({ component: { name, kind } }, reason) =>
      emit({ type: 'component-skipped', component: name, kind, reason }),
    stopAll: () => {},
    isStopped: () => false,
  });
  conclude(ledger, { stop: NEVER, hurry: NEVER, crash: () => undefined }, emit, {
    ...{ elapsedMs: now, isHold: false, mayBeEmpty: plan.components.length === 0 },
  });
  return events;
}

export function planned(components: readonly Component[], keepGoing = true): Plan {
  const plan = planRun(suite(components), [], { jobs: 1, keepGoing, repeat: 1 });
  if (!plan.ok) throw new Error(plan.error[0]?.message);
  return plan.value;
}

export function write(name: string, events: readonly Stamped[]): string {
  writeFileSync(join(results.root, name), events.map(ndjsonReport).join(''));
  return name;
}

/** Runs all shards. @returns their files */
export async function runShards(plan: Plan, of: number, outcomes: Outcomes = {}): Promise<string[]> {
  const files: string[] = [];
  for (let number = 1; number <= of; number += 1)
    files.push(write(`${number}.ndjson`, await run(shardOf(plan, { number, of }, new Map()), outcomes)));
  return files;
}

/** @returns the run that results of shards make together, in the order in which it is told */
export function together(files: readonly string[]): {
  readonly state: RunState;
  readonly exitCode: number;
  readonly events: Stamped[];
} {
  const read = files.map((file) => {
    const result = readResult(file, results.root);
    if (!result.ok) throw new Error(result.error[0]?.message);
    return result.value;
  });
  const events: Stamped[] = [];
  const { exitCode } = putTogether(match(read), '/here', [(event) => events.push(event)]);
  return { state: events.reduce(advance, INITIAL_STATE), exitCode, events };
}
