/** Runs a component once, with instruments or a fault, and returns its findings instead of reporting them. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import type { Component } from '../core/suite.ts';
import { type AttemptContext, attemptComponent } from '../engine/attempt.ts';
import type { PreparedRun } from '../engine/course.ts';
import type { TrialRecord } from '../kinds/sabotage.ts';

/** Events about a component's verdict, which a trial does not have: it is judged by other standards. */
const OWN_VERDICT = new Set<RunEvent['type']>([
  'finding',
  'component-retrying',
  'component-finished',
  'component-slow',
]);

/** The folder for the records of a trial's instruments. Each attempt has one of its own. */
export function trialFolder({ run }: Pick<PreparedRun, 'run'>, trial: string, attempt = 1): string {
  const folder = join(run.directory.path, 'trials', attempt === 1 ? trial : `${trial}.${attempt}`);
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    // On a full disk. Instruments that cannot note anything down say so.
  }
  return folder;
}

/** Removes all of these folders: what the instruments were told and noted down is of no use to anybody else. */
export function removeTrialFolders({ run }: PreparedRun): void {
  try {
    rmSync(join(run.directory.path, 'trials'), { recursive: true, force: true });
  } catch {
    // It goes with the run's folder.
  }
}

/**
 * @param trial its name in events
 * @param component the one to run; nothing is retried
 */
export async function runTrial(
  trial: string,
  component: Component,
  prepared: Pick<PreparedRun, 'run' | 'env'> & Pick<AttemptContext, 'pool'>,
  stop: AbortSignal,
  attempt = 1,
): Promise<TrialRecord> {
  const { run, env, pool } = prepared;
  const findings: Finding[] = [];
  const events: RunEvent[] = [];
  const startedAt = run.clock.now();
  const emit = (event: RunEvent): void => {
    if (event.type === 'finding') findings.push(event.finding);
    else if (event.type !== 'output') events.push(event);
    if (!OWN_VERDICT.has(event.type)) run.emit(event);
  };
  const plan = { ...run.plan, repeat: 1 };
  await attemptComponent(
    { ...component, retries: 0 },
    { ...run, plan, emit, env, pool, stop },
    trial,
    attempt,
  );
  return {
    findings,
    events,
    durationMs: run.clock.now() - startedAt,
    folder: trialFolder(prepared, trial, attempt),
  };
}
