/** Carries out a task of the suite, unless it is cached. */
import type { SharedTask } from '../../core/suite.ts';
import { runStep } from '../../kinds/common/run-step.ts';
import { verdictOf } from '../../kinds/index.ts';
import type { Run } from '../run-context.ts';
import type { Outcome, Terms } from './instance.ts';

export async function carryOutTask(spec: SharedTask, terms: Terms, run: Run): Promise<Outcome> {
  return spec.isCached ? carryOutUnlessCached(spec, terms, run) : carryOut(spec, terms);
}

async function carryOut({ name, step, expect }: SharedTask, { context }: Terms): Promise<Outcome> {
  const { command, cwd } = step;
  const env = { ...context.env, ...step.env };
  const findings = await runStep({ name, command, cwd, env, expect }, context);
  const isDone = verdictOf(findings) === 'passed' && !context.signal.aborted;
  return { type: isDone ? 'done' : 'ended', findings };
}

async function carryOutUnlessCached(spec: SharedTask, terms: Terms, run: Run): Promise<Outcome> {
  const { step, name } = spec;
  // Most runs need no hashes.
  const { cachedExports, fingerprint, rememberExports } = await import('../../store/setup-cache.ts');
  const print = await fingerprint(step, {}, '', run.plan);
  if (!print.ok) {
    const message = `${name}: its input ${print.error} matches no file in ${step.cwd}`;
    const hint = 'correct `inputs`, which are relative to the folder that the task runs in';
    return { type: 'ended', findings: [{ code: 'setup-failed', step: name, message, hint }] };
  }
  const cache = run.directory.state.cache;
  const isKnown =
    print.value !== undefined && (await cachedExports(cache, step, print.value, '')) !== undefined;
  if (isKnown) return { type: 'cached', findings: [] };
  const outcome = await carryOut(spec, terms);
  if (outcome.type === 'done' && print.value !== undefined) rememberExports(cache, step, print.value, {}, '');
  return outcome;
}
