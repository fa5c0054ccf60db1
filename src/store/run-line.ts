/** A run in one line, as the history keeps it: a fold over its events, live or from its journal. */
import { relative } from 'node:path';
import type { RunEvent } from '../core/event.ts';
import type { PastComponent } from '../core/history.ts';
import { secrets } from '../core/secrets.ts';
import type { Suite } from '../core/suite.ts';
import type { Verdict } from '../core/verdict.ts';

/** Incremented when a line means something else to those who know this version; never when something is added. */
const VERSION = 1;

interface ComponentLine extends Omit<PastComponent, 'verdict'> {
  readonly name: string;
  readonly kind: string;
  /** Tells whether it is the same as in another run; empty if that is not known. */
  readonly likeness: string;
  readonly verdict: Verdict;
}

export interface RunLine {
  readonly version: typeof VERSION;
  readonly run: string;
  /** As `suiteIn` names it. */
  readonly suite: string;
  readonly startedAt: string;
  /** Of a run that was killed it is `inconclusive`, and its duration 0. */
  readonly verdict: Verdict;
  readonly durationMs: number;
  /** The run before it, if it was for what had not passed by then. */
  readonly rerunOf: string | null;
  /** Whether it was only a part of a suite whose others ran elsewhere. */
  readonly isShard?: true;
  /** The runs that it was put together from. */
  readonly merges?: readonly string[];
  /** All that it was to run. */
  readonly components: readonly ComponentLine[];
}

/** What a suite is called in the history: the same from wherever it is run, and whatever was typed to name it. */
export function suiteIn({ source, root }: Pick<Suite, 'source' | 'root'>): string {
  if (source.type === 'package') return secrets.conceal(source.spec);
  if (source.type === 'packages') return secrets.conceal(relative(root, source.list));
  return secrets.conceal(relative(root, source.type === 'config' ? source.file : source.dir));
}

const NOT_RUN: Omit<ComponentLine, 'name' | 'kind' | 'likeness'> = {
  ...{ verdict: 'skipped', durationMs: 0, flaky: false },
  ...{ rate: null, p99Us: null, errors: null },
};

export class RunLineFold {
  readonly #likenesses: ReadonlyMap<string, string>;
  readonly #components = new Map<string, ComponentLine>();
  #started: Extract<RunEvent, { type: 'run-started' }> | undefined;
  #end: Pick<RunLine, 'verdict' | 'durationMs'> | undefined;

  /** @param likenesses by component */
  constructor(likenesses: ReadonlyMap<string, string> = new Map()) {
    this.#likenesses = likenesses;
  }

  take(event: RunEvent): void {
    if (event.type === 'run-started') {
      for (const { name, kind, likeness = '' } of event.components)
        this.#components.set(name, {
          ...{ name, kind, likeness: this.#likenesses.get(name) ?? likeness },
          ...NOT_RUN,
        });
      this.#started = event;
      // Until it has ended, nothing is certain.
    } else if (event.type === 'component-started') this.#change(event.component, { verdict: 'inconclusive' });
    else if (event.type === 'load-finished') {
      const { rate, latencyUs, counts } = event.load;
      this.#change(event.component, {
        ...{ rate: rate.achieved, p99Us: latencyUs.response?.p99 ?? null },
        errors: counts.failed + counts.timedOut,
      });
    } else if (event.type === 'component-finished') {
      const { verdict, durationMs, flaky } = event;
      this.#change(event.component, { verdict, durationMs, flaky });
    } else if (event.type === 'component-skipped') this.#change(event.component, NOT_RUN);
    else if (event.type === 'run-finished')
      this.#end = { verdict: event.verdict, durationMs: event.durationMs };
  }

  #change(name: string, to: Partial<ComponentLine>): void {
    const known = this.#components.get(name);
    if (known !== undefined) this.#components.set(name, { ...known, ...to });
  }

  /**
   * @param end of the run, if that is not an event yet
   * @returns undefined if the run is none that others are compared with
   */
  line(end = this.#end): RunLine | undefined {
    if (this.#started?.isCompared !== true || this.#started.source === undefined) return undefined;
    const { run, root, source, startedAt, rerunOf = null, shard, merged } = this.#started;
    const { verdict, durationMs } = end ?? { verdict: 'inconclusive', durationMs: 0 };
    return {
      ...{ version: VERSION, run, suite: suiteIn({ source, root }), startedAt, verdict, durationMs, rerunOf },
      ...(shard === undefined ? {} : { isShard: true }),
      ...(merged === undefined ? {} : { merges: merged.shards.map((part) => part.run) }),
      components: [...this.#components.values()],
    };
  }
}

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isNumberOrNull = (value: unknown): boolean => value === null || isNumber(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isVerdict = (value: unknown): boolean =>
  ['passed', 'failed', 'inconclusive', 'skipped'].includes(value as string);

const isComponentLine = (value: unknown): boolean => {
  const line = (value ?? {}) as Partial<ComponentLine>;
  return (
    [line.name, line.kind, line.likeness].every(isText) &&
    isVerdict(line.verdict) &&
    isNumber(line.durationMs) &&
    typeof line.flaky === 'boolean' &&
    [line.rate, line.p99Us, line.errors].every(isNumberOrNull)
  );
};

/** @returns undefined for what is no line, or one from a version that means something else by it */
export function soundRunLine(value: unknown): RunLine | undefined {
  const line = (value ?? {}) as Partial<RunLine>;
  const isSound =
    line.version === VERSION &&
    [line.run, line.suite, line.startedAt].every(isText) &&
    isVerdict(line.verdict) &&
    isNumber(line.durationMs) &&
    (line.rerunOf === null || isText(line.rerunOf)) &&
    (line.isShard === undefined || line.isShard === true) &&
    (line.merges === undefined || (Array.isArray(line.merges) && line.merges.every(isText))) &&
    Array.isArray(line.components) &&
    line.components.every(isComponentLine);
  return isSound ? (line as RunLine) : undefined;
}

/** @returns what a line says; undefined if it is damaged */
export function readRunLine(text: string): RunLine | undefined {
  try {
    return soundRunLine(JSON.parse(text));
  } catch {
    return undefined;
  }
}
