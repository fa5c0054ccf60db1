/** Runs one setup step, unless it is cached. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../core/finding.ts';
import { secrets } from '../core/secrets.ts';
import { interruptedBy, stopReason } from '../core/stop-reason.ts';
import { type Environment, EXPECT_SUCCESS, type SetupStep } from '../core/suite.ts';
import { runStep } from '../kinds/common/run-step.ts';
import { verdictOf } from '../kinds/index.ts';
import { maskFile } from '../process/output/mask.ts';
import { PRIVATE_FILE } from '../store/ours.ts';
import { cachedExports, fingerprint, rememberExports } from '../store/setup-cache.ts';
import { endedEarly } from './conclusion.ts';
import type { Run } from './run-context.ts';
import { missingOutputs, readExports } from './setup-outputs.ts';
import { awaitTurn } from './setup-turn.ts';
import { logPath, strayFindings, supervise } from './supervise.ts';

export interface SetupContext extends Run {
  readonly env: Environment;
  /** What earlier steps exported, and the PATH before them. */
  readonly before: { readonly exported: Environment; readonly path: string };
}

/** Returns whether this revealed secrets that were not known before. */
function learnExports(exported: Environment): boolean {
  const known = secrets.forms.size;
  secrets.learnEnvironment(exported);
  return secrets.forms.size > known;
}

/** A line, without what could be a secret value. */
const withoutValue = (line: string): string => line.replace(/([=:]).*/, '$1 …');

/** A log that cannot be masked is removed. */
function maskLog(path: string): void {
  try {
    maskFile(path, secrets);
  } catch {
    rmSync(path, { force: true });
  }
}

/** @returns what the step exports; undefined when it failed */
export async function runSetupStep(step: SetupStep, context: SetupContext): Promise<Environment | undefined> {
  const telling = new Telling(step, context);
  context.emit({ type: 'setup-started', step: step.name });
  const known = await lookUp(step, context);
  if (!('print' in known)) return telling.known(known);
  const awaited = await awaitTurn(step, context);
  if (awaited === undefined) return telling.stopped([], null);
  if (!('turn' in awaited)) return telling.fail(awaited.message, awaited.hint);
  try {
    // The run that was waited for may have done it.
    const now = awaited.waited ? await lookUp(step, context) : known;
    return 'print' in now ? await carryOut(step, now.print, context, telling) : telling.known(now);
  } finally {
    awaited.turn.end();
  }
}

/** What is known about a step before it runs: its cached exports, or a missing input; otherwise its fingerprint. */
type Known =
  | { readonly exported: Environment }
  | { readonly lacking: string }
  | { readonly print: string | undefined };

async function lookUp(step: SetupStep, { before, plan, env, directory }: SetupContext): Promise<Known> {
  const print = await fingerprint(step, before.exported, before.path, plan);
  if (!print.ok) return { lacking: print.error };
  if (print.value === undefined) return { print: undefined };
  const exported = await cachedExports(directory.state.cache, step, print.value, env.PATH ?? '');
  return exported === undefined ? { print: print.value } : { exported };
}

/** Reports how a step has ended. Every method but `done` returns undefined: the step exports nothing. */
class Telling {
  readonly #step: SetupStep;
  readonly #context: SetupContext;
  readonly #startedAt: number;

  constructor(step: SetupStep, context: SetupContext) {
    this.#step = step;
    this.#context = context;
    this.#startedAt = context.clock.now();
  }

  #finish(
    outcome: 'done' | 'cached' | 'failed',
    logFile: string | null,
    findings: readonly Finding[],
  ): undefined {
    const durationMs = this.#context.clock.now() - this.#startedAt;
    this.#context.emit({
      type: 'setup-finished',
      step: this.#step.name,
      outcome,
      durationMs,
      logFile,
      findings,
    });
  }

  done(exported: Environment, findings: readonly Finding[], logFile: string): Environment {
    this.#finish('done', logFile, findings);
    return exported;
  }

  failed(findings: readonly Finding[], logFile: string): undefined {
    return this.#finish('failed', logFile, findings);
  }

  fail(message: string, hint: string): undefined {
    return this.#finish('failed', null, [{ code: 'setup-failed', step: this.#step.name, message, hint }]);
  }

  /** The whole run is ending: interrupted, or because of an error. */
  stopped(findings: readonly Finding[], logFile: string | null): undefined {
    const { name } = this.#step;
    const reason = stopReason(this.#context.control.stop);
    if (reason?.type !== 'interrupted')
      return this.#finish('failed', logFile, [...findings, endedEarly(`setup "${name}"`)]);
    const { signal } = reason;
    const message = `setup "${name}" was interrupted by ${interruptedBy(reason)}`;
    return this.#finish('failed', logFile, [
      ...findings,
      { code: 'interrupted', step: name, message, signal },
    ]);
  }

  /** It is cached, or cannot run. */
  known(known: Exclude<Known, { readonly print: unknown }>): Environment | undefined {
    if ('lacking' in known)
      return this.fail(
        `setup "${this.#step.name}": its input ${known.lacking} matches no file in ${this.#step.cwd}`,
        'correct `inputs`, which are relative to the folder that the step runs in',
      );
    learnExports(known.exported);
    this.#finish('cached', null, []);
    return known.exported;
  }
}

async function carryOut(
  step: SetupStep,
  print: string | undefined,
  context: SetupContext,
  telling: Telling,
): Promise<Environment | undefined> {
  const { plan, directory, control } = context;
  const { name } = step;
  const index = plan.setup.indexOf(step) + 1;
  const exportsFile = join(directory.path, `setup-${index}.env`);
  writeFileSync(exportsFile, '', { mode: PRIVATE_FILE });
  const logName = `setup-${index}.log`;
  const own = { ...context.env, ...step.env };
  const env = { ...own, SHAKEDOWN_ENV: exportsFile };
  const task = {
    component: `setup:${name}`,
    id: `setup.${index}`,
    logName,
    seed: plan.seed,
    env,
    timeout: step.timeout,
    stop: control.stop,
  };
  const undo =
    step.undo === null
      ? undefined
      : context.undos.register(
          {
            ...{ kind: 'undo', name, title: `undo of setup "${name}"`, cwd: step.cwd, env: own },
            ...step.undo,
          },
          String(index),
        );
  const { result, strays, failure } = await supervise(
    task,
    context,
    (supervised) =>
      runStep(
        { name: `setup "${name}"`, command: step.command, cwd: step.cwd, env, expect: EXPECT_SUCCESS },
        supervised,
      ),
    (finding) => [finding],
  );
  const logFile = logPath(context, logName);
  const exported = readExports(exportsFile);
  rmSync(exportsFile, { force: true });
  if (exported.ok) undo?.learn(exported.value);
  // The log may contain secrets that became known only now.
  if (exported.ok && learnExports(exported.value)) maskLog(logFile);
  const findings = [
    ...result,
    ...strayFindings(`setup "${name}"`, strays),
    ...(failure === undefined ? [] : [failure]),
  ];
  if (verdictOf(findings) !== 'passed') return telling.failed(findings, logFile);
  if (['crashed', 'interrupted'].includes(stopReason(control.stop)?.type ?? ''))
    return telling.stopped(findings, logFile);
  if (!exported.ok)
    return telling.fail(
      `setup "${name}" exported a line that is not NAME=value: ${withoutValue(exported.error)}`,
      'write one NAME=value per line to the file $SHAKEDOWN_ENV',
    );
  const lacking = await missingOutputs(step);
  if (lacking.length > 0)
    return telling.fail(
      `setup "${name}" succeeded, but did not make ${lacking.join(', ')}`,
      'correct `outputs`, or the step',
    );
  // The cache is a file in the project: secrets must not end up there.
  if (print !== undefined && !secrets.areIn(Object.values(exported.value)))
    rememberExports(directory.state.cache, step, print, exported.value, context.env.PATH ?? '');
  return telling.done(exported.value, findings, logFile);
}
