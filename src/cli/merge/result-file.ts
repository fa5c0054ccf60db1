/** The result of a shard: the events in a file of `--report ndjson`. Whatever is in it is not believed. */
import { resolve } from 'node:path';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { RunEvent, Stamped } from '../../core/event.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Shard } from '../../core/shard.ts';
import { plural } from '../../core/units.ts';
import { advance, INITIAL_STATE, type RunState } from '../../report/state.ts';
import { replay } from '../show/events.ts';
import { isSoundEvent, isSoundStart } from './sound.ts';

export type Started = Extract<RunEvent, { type: 'run-started' }> & { readonly shard: Shard };
export type Finished = Extract<RunEvent, { type: 'run-finished' }>;

export interface ShardResult {
  /** As the user named it. */
  readonly file: string;
  readonly started: Started;
  /** What happened between start and end, in order. What only changes a live view is left out. */
  readonly events: readonly Stamped[];
  /** Null if the run did not end, as far as the file goes. */
  readonly finished: Finished | null;
  /** In milliseconds: how long it took, or has taken by its latest event. */
  readonly durationMs: number;
  /** Why it cannot be relied on; undefined if it can. */
  readonly trouble: string | undefined;
}

/** An event that contradicts those before it: it is by its name only that it is one. */
const BAD = new Error('no event of this run');

class ResultFold {
  started: Started | undefined;
  refused: Extract<RunEvent, { type: 'run-refused' }> | undefined;
  finished: Finished | null = null;
  /** The events that a user cannot do without when they are missing. */
  readonly events: Stamped[] = [];
  /** Whether it is a run, though none of a shard. */
  isWhole = false;
  /** How many events there should have been by now. */
  #next = 0;
  hasGaps = false;
  elapsedMs = 0;
  readonly #ended = new Set<string>();
  #names: ReadonlySet<string> = new Set();
  /** Folded here first: what a report cannot take is not handed to any. */
  #state: RunState = INITIAL_STATE;

  take = (event: Stamped): void => {
    if (!isSoundEvent(event) || event.elapsedMs < this.elapsedMs || this.finished !== null) throw BAD;
    this.hasGaps ||= event.seq !== this.#next;
    if (event.type === 'run-refused') this.refused = event;
    else if (event.type === 'run-started') this.#start(event);
    else {
      if (!this.#isOwn(event)) throw BAD;
      this.#state = advance(this.#state, event);
      if (event.type === 'run-finished') this.finished = event;
      else if (event.type !== 'output' && event.type !== 'running') this.events.push(event);
    }
    this.#next = event.seq + 1;
    this.elapsedMs = event.elapsedMs;
  };

  #start(event: Extract<Stamped, { type: 'run-started' }>): void {
    if (this.started !== undefined || this.isWhole) throw BAD;
    const { shard } = event;
    if (shard === undefined) this.isWhole = true;
    else if (isSoundStart(event, shard)) {
      this.started = { ...event, shard };
      this.#names = new Set(event.components.map(({ name }) => name));
      this.#state = advance(this.#state, event);
    } else throw BAD;
  }

  /** What has its final event gets no other one. */
  #hasEnded(type: Stamped['type'], component: string): boolean {
    if (!type.startsWith('component-')) return false;
    const before = this.#ended.has(component);
    if (type === 'component-finished' || type === 'component-skipped') this.#ended.add(component);
    return before;
  }

  /** Whether it is about something that this run has: components of other shards are none of its business. */
  #isOwn(event: Stamped): boolean {
    if (!('component' in event)) return true;
    const { type, component } = event;
    if (/^(?:setup|shared|undo|teardown):/.test(component)) return true;
    if (this.started === undefined) return false;
    if (this.#names.has(component)) return !this.#hasEnded(type, component);
    return type === 'component-skipped' && !this.started.shard.deal.some(({ name }) => name === component);
  }
}

const USE = 'name the files that `shakedown --shard k/n --report ndjson=FILE` has written';

/** Why a file is no result of a shard. */
function uselessness(file: string, { isWhole, refused }: ResultFold): readonly Diagnostic[] {
  if (refused !== undefined)
    return [
      { message: `${file}: nothing was run in this shard because of a mistake` },
      ...refused.diagnostics,
    ];
  return [
    {
      message: isWhole
        ? `${file} is the result of a whole run, or was put together already: it is no shard`
        : `${file} is no result of a shard: it does not begin with the start of a run`,
      hint: USE,
    },
  ];
}

function troubleIn(
  { finished, hasGaps, events, started }: ResultFold,
  damaged: readonly number[],
): string | undefined {
  if (damaged.length > 0) {
    const lines = damaged.slice(0, 3).join(', ');
    const more = damaged.length > 3 ? ` and ${damaged.length - 3} more` : '';
    return `line${damaged.length === 1 ? '' : 's'} ${lines}${more} cannot be read`;
  }
  if (finished === null) return 'the run did not end: it was killed, or the file is cut off';
  if (hasGaps) return 'some of its events are missing';
  const ended = new Set(
    events.flatMap((event) =>
      event.type === 'component-finished' || event.type === 'component-skipped' ? [event.component] : [],
    ),
  );
  const open = started?.components.filter(({ name }) => !ended.has(name)) ?? [];
  return open.length === 0
    ? undefined
    : `it has ended, and ${plural(open.length, 'component')} of it have not`;
}

/** @returns what is in a file; or that it is no result of a shard, and what is there instead */
export function readResult(file: string, cwd: string): Result<ShardResult, readonly Diagnostic[]> {
  const fold = new ResultFold();
  let damaged: number[];
  try {
    damaged = replay(resolve(cwd, file), fold.take);
  } catch (error) {
    return err([{ message: `${file} cannot be read: ${(error as Error).message}`, hint: USE }]);
  }
  const { started, finished, events, elapsedMs } = fold;
  if (started === undefined || fold.refused !== undefined) return err(uselessness(file, fold));
  const durationMs = finished?.durationMs ?? elapsedMs;
  return ok({ file, started, events, finished, durationMs, trouble: troubleIn(fold, damaged) });
}
