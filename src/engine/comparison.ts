/** Compares a run with earlier ones of the same suite, and writes it down for later ones. */
import type { RunEvent } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import { PAST_RUNS, type ToldPast, tellPast } from '../core/history.ts';
import type { Plan } from '../core/plan.ts';
import { secrets } from '../core/secrets.ts';
import type { Component } from '../core/suite.ts';
import { quickHash } from '../files/hash.ts';
import { addToHistory, historyPath, readHistory } from '../store/history.ts';
import { NotOurs } from '../store/ours.ts';
import { type RunLine, RunLineFold, suiteIn } from '../store/run-line.ts';
import type { StateFolder } from '../store/state-folder.ts';
import type { RunEnd } from './conclusion.ts';

export class Comparison {
  readonly #state: StateFolder;
  readonly #fold: RunLineFold;
  readonly #notes: Finding[];
  readonly #history: Extract<RunEvent, { type: 'history' }> | undefined;
  readonly #isRefused: boolean;
  /** By component. */
  readonly likenesses: ReadonlyMap<string, string>;

  constructor(plan: Plan, state: StateFolder) {
    const likenesses = new Map(
      plan.components.map(({ component }) => [component.name, likenessOf(component, plan)]),
    );
    this.#state = state;
    this.likenesses = likenesses;
    this.#fold = new RunLineFold(likenesses);
    const { lines, refused } = readHistory(state);
    this.#isRefused = refused !== undefined;
    this.#notes = refused === undefined ? [] : [notBelieved(refused)];
    this.#history = historyOf(lines, plan, likenesses);
  }

  /** Reports what is known of earlier runs: at the beginning of a run. */
  tell(emit: (event: RunEvent) => void): void {
    if (this.#history !== undefined) emit(this.#history);
    for (const finding of this.#notes) emit({ type: 'run-note', finding });
  }

  take(event: RunEvent): void {
    this.#fold.take(event);
  }

  /** Writes the run down. @returns why that was not possible */
  keep(end: Pick<RunEnd, 'verdict'> & { readonly durationMs: number }): Finding | undefined {
    const line = this.#fold.line(end);
    if (line === undefined || this.#isRefused) return undefined;
    try {
      addToHistory(this.#state, line);
      return undefined;
    } catch (error) {
      if (error instanceof NotOurs) return notBelieved(error);
      const path = historyPath(this.#state);
      return {
        code: 'log-incomplete',
        message: `this run is missing in ${path}: ${(error as Error).message}`,
      };
    }
  }
}

const notBelieved = ({ message, wayOut }: NotOurs): Finding => ({
  code: 'not-believed',
  message: `${message}: this run is not compared with earlier ones`,
  hint: wayOut,
});

/**
 * What a component does, and how it is run: not its name, and not what only judges, limits or orders it. Its environment is left
 * out too, as it often has something that is new in each run, such as the number of a build; and what is big counts by its size.
 */
function likenessOf(component: Component, plan: Plan): string {
  const { name, env, timeout, slow, retries, flaky, needs, onlyWhenNamed, leave, prove, ...does } = component;
  const used = plan.shared.flatMap((shared) => (shared.type === 'external' ? [shared.name] : []));
  const how = { memory: plan.memory, jobs: plan.jobs, repeat: plan.repeat, used };
  const text = JSON.stringify({ does, how }, sizes);
  // The project may be elsewhere the next time; and not even a trace of a secret is to be left.
  return quickHash(secrets.conceal(text.replaceAll(plan.root, '.')));
}

const BIG = 200;
const LONG = 4000;

const sizes = (_: string, value: unknown): unknown =>
  (Array.isArray(value) && value.length > BIG) || (typeof value === 'string' && value.length > LONG)
    ? value.length
    : value;

/** What the latest runs of the suite tell about the components of a plan; undefined if it is nothing. */
function historyOf(
  lines: readonly RunLine[],
  plan: Plan,
  likenesses: ReadonlyMap<string, string>,
): Extract<RunEvent, { type: 'history' }> | undefined {
  const { components } = plan;
  const suite = suiteIn(plan);
  const of = lines.filter((line) => line.suite === suite);
  const names = components.map(({ component }) => component.name);
  const compared = of.flatMap((line) => {
    const known = new Map(line.components.map((each) => [each.name, each]));
    const past = components.map(({ component: { name, kind } }): ToldPast | null => {
      const then = known.get(secrets.conceal(name));
      if (then === undefined || then.verdict === 'skipped') return null;
      if (then.kind !== kind || then.likeness !== likenesses.get(name)) return null;
      const { verdict, durationMs, flaky, rate, p99Us, errors } = then;
      return tellPast({ verdict, durationMs, flaky, rate, p99Us, errors });
    });
    return past.every((each) => each === null) ? [] : [{ line, past }];
  });
  if (compared.length === 0) return undefined;
  const latest = compared.slice(-PAST_RUNS);
  const runs = latest.map(({ line: { run, startedAt, verdict, durationMs } }) => ({
    ...{ run, startedAt, verdict, durationMs },
  }));
  const told = names.map((name, at) => [name, latest.map(({ past }) => past[at] ?? null)] as const);
  const known = told.filter(([, past]) => past.some((each) => each !== null));
  return { type: 'history', runs, components: Object.fromEntries(known) };
}
