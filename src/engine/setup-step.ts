/** Runs one setup step, or finds that it need not run. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStep } from '../components/run-step.ts';
import { clock } from '../domain/clock.ts';
import type { Finding } from '../domain/finding.ts';
import { stopReason } from '../domain/stop-reason.ts';
import { type Environment, EXPECT_SUCCESS, type SetupStep } from '../domain/suite.ts';
import { verdictOf } from '../domain/verdict.ts';
import { PRIVATE_FILE } from '../files/ours.ts';
import { endedEarly } from './conclusion.ts';
import type { Run } from './run-context.ts';
import { cachedExports, fingerprint, missingOutputs, readExports, rememberExports } from './setup.ts';
import { strayFinding } from './stray.ts';
import { logPath, supervise } from './supervise.ts';

export interface SetupContext extends Run {
  readonly env: Environment;
  /** What the steps before it have exported, and the PATH that they began with. */
  readonly before: { readonly exported: Environment; readonly path: string };
}

/** @returns what the step exports; undefined when it failed */
export async function runSetupStep(step: SetupStep, context: SetupContext): Promise<Environment | undefined> {
  const { emit, plan } = context;
  const { name } = step;
  const startedAt = clock.now();
  const finish = (
    outcome: 'done' | 'cached' | 'failed',
    logFile: string | null,
    findings: readonly Finding[],
  ): void =>
    emit({
      type: 'setup-finished',
      step: name,
      outcome,
      durationMs: clock.now() - startedAt,
      logFile,
      findings,
    });
  const fail = (message: string, hint: string): undefined => {
    finish('failed', null, [{ code: 'setup-failed', step: name, message, hint }]);
    return undefined;
  };
  emit({ type: 'setup-started', step: name });
  const print = await fingerprint(step, context.before.exported, context.before.path);
  if (!print.ok)
    return fail(
      `setup "${name}": its input ${print.error} matches no file in ${step.cwd}`,
      'correct `inputs`, which are relative to the folder that the step runs in',
    );
  const path = context.env.PATH ?? '';
  const cached =
    print.value === undefined ? undefined : cachedExports(context.directory.cache, step, print.value, path);
  if (cached !== undefined) {
    finish('cached', null, []);
    return cached;
  }
  const index = plan.setup.indexOf(step) + 1;
  const exportsFile = join(context.directory.path, `setup-${index}.env`);
  writeFileSync(exportsFile, '', { mode: PRIVATE_FILE });
  const logName = `setup-${index}.log`;
  const env = { ...context.env, ...step.env, SHAKEDOWN_ENV: exportsFile };
  const charge = {
    component: `setup:${name}`,
    id: `setup.${index}`,
    logName,
    seed: context.plan.seed,
    env,
    timeout: step.timeout,
    stop: context.control.stop,
  };
  const { result, strays, failure } = await supervise(
    charge,
    context,
    (supervised) =>
      runStep(
        { name: `setup "${name}"`, command: step.command, cwd: step.cwd, env, expect: EXPECT_SUCCESS },
        supervised,
      ),
    (finding) => [finding],
  );
  const findings = [
    ...result,
    ...(strays.length === 0 ? [] : [strayFinding(`setup "${name}"`, strays)]),
    ...(failure === undefined ? [] : [failure]),
  ];
  if (verdictOf(findings) !== 'passed') {
    finish('failed', logPath(context, logName), findings);
    return undefined;
  }
  const reason = stopReason(context.control.stop);
  if (reason?.type === 'crashed') {
    finish('failed', logPath(context, logName), [...findings, endedEarly(`setup "${name}"`)]);
    return undefined;
  }
  if (reason?.type === 'interrupted') {
    const { signal } = reason;
    const message = `setup "${name}" was interrupted by ${signal}`;
    finish('failed', logPath(context, logName), [
      ...findings,
      { code: 'interrupted', step: name, message, signal },
    ]);
    return undefined;
  }
  const exported = readExports(exportsFile);
  if (!exported.ok)
    return fail(
      `setup "${name}" exported a line that is not NAME=value: ${exported.error}`,
      'write one NAME=value a line to the file that $SHAKEDOWN_ENV names',
    );
  const lacking = missingOutputs(step);
  if (lacking.length > 0)
    return fail(
      `setup "${name}" succeeded, but did not make ${lacking.join(', ')}`,
      'correct `outputs`, or the step',
    );
  rmSync(exportsFile, { force: true });
  if (print.value !== undefined)
    rememberExports(context.directory.cache, step, print.value, exported.value, path);
  finish('done', logPath(context, logName), findings);
  return exported.value;
}
