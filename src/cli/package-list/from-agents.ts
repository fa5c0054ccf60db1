/** Trials that agents do, as a course of a run: what comes from them becomes events like any other. */
import type { RunEvent } from '../../core/event.ts';
import type { Finding } from '../../core/finding.ts';
import { stopReason } from '../../core/stop-reason.ts';
import { plural } from '../../core/units.ts';
import type { TrialNews, TrialsRun } from '../../distributed/trials/client.ts';
import type { TrialsOutcome, Tried } from '../../distributed/trials/protocol.ts';
import type { Course } from '../../engine/course.ts';
import { verdictOf } from '../../kinds/index.ts';
import { isFinding } from '../merge/sound.ts';
import { agentFinding, allLost } from './agent-finding.ts';

const KIND = 'package';

/** What an agent has told comes from another machine: it is read and not believed. */
function findingsIn(name: string, tried: Tried): Finding[] {
  const { agent, lost, findings } = tried;
  const isSound =
    typeof agent === 'string' &&
    Array.isArray(lost) &&
    lost.every((each) => typeof each === 'string') &&
    Array.isArray(findings) &&
    findings.every(isFinding);
  if (isSound) return [...findings, agentFinding(agent, lost)];
  return [{ code: 'package-untried', message: `what an agent has told of ${name} cannot be read` }];
}

/** Turns news of packages into events; each package gets one end, whatever is told of it. */
export class Telling {
  readonly #names: readonly string[];
  readonly #emit: (event: RunEvent) => void;
  /** When each was begun, in milliseconds; those that have ended are in neither. */
  readonly #begun = new Map<number, number>();
  readonly #waiting: Set<number>;
  readonly #now: () => number;
  /** Names of those that are being tried, which an interruption ends. */
  readonly #active: Set<string>;

  /** @param now milliseconds since any fixed moment */
  constructor(
    names: readonly string[],
    emit: (event: RunEvent) => void,
    now: () => number,
    active: Set<string>,
  ) {
    this.#names = names;
    this.#emit = emit;
    this.#now = now;
    this.#active = active;
    this.#waiting = new Set(names.keys());
  }

  take = (news: TrialNews): void => {
    const { index } = news;
    const name = this.#names[index];
    if (name === undefined || !(this.#waiting.has(index) || this.#begun.has(index))) return;
    this.#begin(index, name);
    if (news.type === 'begun') return;
    if (news.type === 'tried') {
      const { durationMs } = news.tried;
      const isTime = Number.isFinite(durationMs) && durationMs >= 0;
      this.#end(index, name, findingsIn(name, news.tried), isTime ? durationMs : 0);
    } else {
      const { lost, why } = news;
      const message = `${name} could not be tried by an agent: ${why}`;
      const finding: Finding = lost.length > 0 ? allLost(name, lost) : { code: 'package-untried', message };
      this.#end(index, name, [finding], this.#now() - (this.#begun.get(index) ?? this.#now()));
    }
  };

  /**
   * Ends those that nothing is known of.
   *
   * @param why they were not tried
   * @param signal what has interrupted the run, if anything has
   */
  close(why: string, signal: string | undefined): void {
    const left = this.#waiting.size + this.#begun.size;
    for (const [index, startedAt] of this.#begun) {
      const name = this.#names[index] ?? '';
      const finding: Finding =
        signal === undefined
          ? { code: 'package-untried', message: `the trial of ${name} did not get to its end: ${why}` }
          : { code: 'interrupted', message: `${name} was interrupted by ${signal}`, signal };
      this.#end(index, name, [finding], this.#now() - startedAt);
    }
    for (const index of this.#waiting)
      this.#emit({ type: 'component-skipped', component: this.#names[index] ?? '', kind: KIND, reason: why });
    if (left === 0 || signal !== undefined) return;
    const message = `${plural(left, 'package')} of ${this.#names.length} had no trial: ${why}`;
    this.#emit({ type: 'run-note', finding: { code: 'package-untried', message } });
  }

  #begin(index: number, name: string): void {
    if (!this.#waiting.delete(index)) return;
    this.#begun.set(index, this.#now());
    this.#active.add(name);
    this.#emit({ type: 'component-started', component: name, kind: KIND, attempt: 1, logFile: null });
  }

  #end(index: number, name: string, findings: readonly Finding[], durationMs: number): void {
    this.#begun.delete(index);
    this.#active.delete(name);
    for (const finding of findings) this.#emit({ type: 'finding', component: name, attempt: 1, finding });
    const verdict = verdictOf(findings);
    this.#emit({
      ...{ type: 'component-finished', component: name, verdict, flaky: false, attempts: 1, durationMs },
    });
  }
}

/** Why there are packages without a trial. */
function whyLeft(outcome: TrialsOutcome | undefined, id: string): string {
  switch (outcome?.type) {
    case 'ended':
      return 'their outcome is not known';
    case 'stopped':
      return 'interrupted';
    case 'deserted':
      return outcome.why;
    case 'refused':
      return outcome.why.join('; ');
    default:
      return `the server does not answer; once it is back: --attach ${id}`;
  }
}

/** @returns what shows trials that agents do, from where they have got to, and ends them when the user does */
export const trialsBy =
  (trials: TrialsRun): Course =>
  async ({ run: { plan, emit, control, clock }, active }) => {
    const names = plan.components.map(({ component }) => component.name);
    const telling = new Telling(names, emit, () => clock.now(), active);
    const interruption = (): string | undefined => {
      const reason = stopReason(control.stop);
      return reason?.type === 'interrupted' ? reason.signal : undefined;
    };
    const stop = (): void => void trials.stop(interruption() ?? 'an error');
    if (control.stop.aborted) stop();
    else control.stop.addEventListener('abort', stop, { once: true });
    const outcome = await trials.follow({ take: telling.take, abandon: control.hurry });
    const stoppedBy = outcome?.type === 'stopped' ? outcome.by : interruption();
    telling.close(whyLeft(outcome, trials.id), stoppedBy);
  };
