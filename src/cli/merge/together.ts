/**
 * One run from the results of its shards: the events of all. Each has its own clock, and nobody knows how far these are apart, so
 * all shards begin at 0: the order and the times within each are as they were, and the whole takes as long as the longest.
 */
import type { RunEvent, Stamped } from '../../core/event.ts';
import type { Finding } from '../../core/finding.ts';
import { PAST_RUNS, type ToldHistory, type ToldPast } from '../../core/history.ts';
import { type MergedShard, type Shard, shardName } from '../../core/shard.ts';
import { EXIT_CODES } from '../../core/verdict.ts';
import { conclude, type RunEnd } from '../../engine/conclusion.ts';
import { createEmitter, type EventSink } from '../../engine/emitter.ts';
import { Ledger } from '../../engine/ledger.ts';
import { consequenceOf } from '../../kinds/index.ts';
import type { Matched } from './match.ts';
import { eventsOf, movedPath, movedSource } from './rename.ts';
import type { ShardResult } from './result-file.ts';

type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

const partOf = ({ started, durationMs }: ShardResult): MergedShard => ({
  ...{ number: started.shard.number, run: started.run, startedAt: started.startedAt, durationMs },
  components: started.components.length,
});

/** @returns how the run began, with all components in the order of the plan */
function startOf(results: readonly [ShardResult, ...ShardResult[]], root: string): Of<'run-started'> {
  const [{ started: first }] = results;
  const { shard, used: _, isCompared: __, source, ...rest } = first;
  const known = new Map(
    results.flatMap(({ started }) =>
      started.components.map((each) => {
        const cwd = each.cwd === undefined ? {} : { cwd: movedPath(each.cwd, started.root, root) };
        return [each.name, { ...each, ...cwd }] as const;
      }),
    ),
  );
  const used = new Map(
    results.flatMap(({ started }) => (started.used ?? []).map((each) => [JSON.stringify(each), each])),
  );
  return {
    ...rest,
    ...(source === undefined ? {} : { source: movedSource(source, first.root, root) }),
    root,
    // What is there of it is on the machines of the shards.
    runDir: '',
    startedAt: results.map(({ started }) => started.startedAt).sort()[0] ?? first.startedAt,
    components: shard.deal.map(({ name, kind }) => known.get(name) ?? { name, kind }),
    ...(used.size === 0 ? {} : { used: [...used.values()] }),
    ...(results.every(({ started }) => started.isCompared === true) ? { isCompared: true } : {}),
    merged: { of: shard.of, shards: results.map(partOf) },
  };
}

/** What the shards know of earlier runs, together. */
function historyOf(results: readonly ShardResult[]): Of<'history'> | undefined {
  const told = results.flatMap(({ events }) => events.filter((event) => event.type === 'history'));
  const runs = new Map(told.flatMap((history) => history.runs.map((run) => [run.run, run])));
  const latest = [...runs.values()]
    .toSorted((one, other) => (one.startedAt < other.startedAt ? -1 : 1))
    .slice(-PAST_RUNS);
  if (latest.length === 0) return undefined;
  const pastIn = (history: ToldHistory, past: readonly (ToldPast | null)[]): (ToldPast | null)[] =>
    latest.map(({ run }) => past[history.runs.findIndex((each) => each.run === run)] ?? null);
  const components = told.flatMap((history) =>
    Object.entries(history.components).map(([name, past]) => [name, pastIn(history, past)] as const),
  );
  return { type: 'history', runs: latest, components: Object.fromEntries(components) };
}

/** What a shard says of itself, so that it is known whose it is; what all of them say is said once. */
function* tellOnce(results: readonly ShardResult[], events: Iterable<Stamped & Whose>): Generator<Stamped> {
  const told = new Set<string>();
  for (const { shard, ...event } of events) {
    if (event.type !== 'run-note') {
      yield event;
      continue;
    }
    const { code, message } = event.finding;
    const key = `${code} ${message}`;
    const isOfAll = results.every((result) => result.events.some((each) => isNote(each, event.finding)));
    if (isOfAll && results.length > 1 && consequenceOf(event.finding) === 'note') {
      if (!told.has(key)) yield event;
      told.add(key);
    } else yield { ...event, finding: { ...event.finding, message: `${shardName(shard)}: ${message}` } };
  }
}

const isNote = (event: Stamped, { code, message }: Finding): boolean =>
  event.type === 'run-note' && event.finding.code === code && event.finding.message === message;

interface Whose {
  readonly shard: Shard;
}

/** The events of all in the order of their times. */
function inOrder(results: readonly ShardResult[], root: string): (Stamped & Whose)[] {
  return results
    .flatMap((result) => eventsOf(result, root).map((event) => ({ ...event, shard: result.started.shard })))
    .filter(({ type }) => type !== 'history' && type !== 'interrupted')
    .toSorted((one, other) => one.elapsedMs - other.elapsedMs);
}

/** What has not ended by the end of a result has no outcome; what has not begun was not run. */
function lastWords(
  { missing, results }: Matched,
  shard: Shard,
  ledger: Ledger,
  emit: (event: RunEvent) => void,
): void {
  const wholeName = ({ shard: number }: { readonly shard: number }): string =>
    shardName({ number, of: shard.of });
  const dealt = new Map(shard.deal.map((each) => [each.name, each]));
  for (const { name, attempt, sinceMs } of ledger.unfinished()) {
    const own = dealt.get(name);
    if (own === undefined) continue;
    if (attempt === 0) {
      const reason = missing.includes(own.shard)
        ? `there is no result of ${wholeName(own)}`
        : `the result of ${wholeName(own)} ends before it`;
      emit({ type: 'component-skipped', component: name, kind: own.kind, reason });
      continue;
    }
    const message = `the result of ${wholeName(own)} ends before ${name} did`;
    emit({ type: 'finding', component: name, attempt, finding: { code: 'ended-early', message } });
    const { durationMs = 0 } = results.find(({ started }) => started.shard.number === own.shard) ?? {};
    emit({
      ...{ type: 'component-finished', component: name, verdict: 'inconclusive', flaky: false },
      ...{ attempts: attempt, durationMs: Math.max(0, durationMs - sinceMs) },
    });
  }
}

/** What would be a pass although a shard was none, or has not run all that was dealt to it. */
function* doubts({ results }: Matched, notRun: ReadonlySet<string>): Generator<Finding> {
  for (const { started, finished, file } of results) {
    const name = `${shardName(started.shard)} (${file})`;
    const left = started.components.filter((each) => notRun.has(each.name));
    if (finished !== null && finished.exitCode !== EXIT_CODES.passed)
      yield {
        code: 'broken-shard',
        message: `${name}: it ended with exit code ${finished.exitCode}, and nothing in it says why`,
      };
    else if (left.length > 0)
      yield {
        code: 'broken-shard',
        message: `${name}: ${left.map((each) => each.name).join(', ')} did not run, and nothing in it says why`,
      };
  }
}

const NEVER = new AbortController().signal;

/**
 * Tells one run from the results of its shards.
 *
 * @param root of the project where they are put together
 * @param sinks get its events
 * @param keep writes the run down before its last event
 * @returns its verdict and exit code: as of a run of the whole, and never a pass where something is missing
 */
export function putTogether(
  matched: Matched,
  root: string,
  sinks: readonly EventSink[],
  keep?: (end: Pick<RunEnd, 'verdict'> & { readonly durationMs: number }) => Finding | undefined,
): RunEnd {
  const [first, ...others] = matched.results;
  if (first === undefined) throw new Error('there is nothing to put together');
  const { shard } = first.started;
  const ledger = new Ledger(shard.deal.map(({ name }) => name));
  const skipped = new Set<string>();
  let now = 0;
  const fold = (event: Stamped): void => {
    ledger.take(event);
    if (event.type === 'component-skipped') skipped.add(event.component);
  };
  const emit = createEmitter([fold, ...sinks], () => now);
  emit(startOf([first, ...others], root));
  const history = historyOf(matched.results);
  if (history !== undefined) emit(history);
  for (const { seq, elapsedMs, ...event } of tellOnce(matched.results, inOrder(matched.results, root))) {
    now = elapsedMs;
    emit(event);
  }
  now = Math.max(...matched.results.map(({ durationMs }) => durationMs));
  lastWords(matched, shard, ledger, emit);
  for (const finding of matched.findings) emit({ type: 'run-note', finding });
  if (ledger.verdict === 'passed')
    for (const finding of doubts(matched, skipped)) emit({ type: 'run-note', finding });
  const control = { stop: NEVER, hurry: NEVER, crash: () => undefined };
  return conclude(ledger, control, emit, {
    elapsedMs: now,
    isHold: false,
    ...(keep === undefined ? {} : { keep }),
  });
}
