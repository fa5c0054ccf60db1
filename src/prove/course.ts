/** The course of a proof: the baseline, a control for each component that passed it, then every fault. */
import type { Finding } from '../core/finding.ts';
import { CONTROL, type FaultName, type Judgement, showFault, type TrialName } from '../core/proof.ts';
import { secrets } from '../core/secrets.ts';
import { fixedPort } from '../core/shared.ts';
import { stopReason } from '../core/stop-reason.ts';
import type { Component } from '../core/suite.ts';
import type { Ms } from '../core/units.ts';
import type { Verdict } from '../core/verdict.ts';
import type { AttemptContext } from '../engine/attempt.ts';
import type { Course, PreparedRun } from '../engine/course.ts';
import { kindOf, verdictOf } from '../kinds/index.ts';
import type { Fault, Ground, TrialRecord, Unreachable } from '../kinds/sabotage.ts';
import { asItIs, runBaseline } from './baseline.ts';
import { controlOtherwise, type Subject } from './control.ts';
import { blamed, hasPassed, isTelling, notTried } from './findings.ts';
import { excuseOf, findingsOf, isDemanded, judge, judgeUnreachable } from './judge.ts';
import { Memory } from './memory.ts';
import { TrialNames } from './names.ts';
import { mostTellingFirst, type PlannedTrial } from './order.ts';
import { isCutShort, limitOf } from './patience.ts';
import { portsOf } from './ports.ts';
import {
  aloneFirst,
  aloneLast,
  besideFault,
  type Capacity,
  type Guest,
  runSideBySide,
} from './side-by-side.ts';
import { removeTrialFolders, runTrial, trialFolder } from './trial.ts';
import { adviceAfter } from './unheeded.ts';
import { type Derived, wantedInVain } from './wanted.ts';

/** What to prove. */
export interface ProofOptions {
  /** Faults to try, by their word or in full; empty: all. */
  readonly faults: readonly string[];
  /** Whether to prove even what has not changed. */
  readonly fresh: boolean;
  /** How many faults to try at once where they may share the machine. */
  readonly lanes: number;
  /** How long all of it may take, in milliseconds; undefined: as long as it takes. */
  readonly budget: Ms | undefined;
}

/** @returns what a run does to prove its components */
export const proveCourse =
  (options: ProofOptions): Course =>
  (prepared) =>
    new Proof(prepared, options).run().finally(() => removeTrialFolders(prepared));

class Proof {
  readonly #prepared: PreparedRun;
  readonly #options: ProofOptions;
  readonly #startedAt: number;
  readonly #names = new TrialNames();
  readonly #memory: Memory;
  readonly #capacity: Capacity;
  readonly #derived: Derived[] = [];

  constructor(prepared: PreparedRun, options: ProofOptions) {
    this.#prepared = prepared;
    this.#options = options;
    this.#startedAt = prepared.run.clock.now();
    this.#capacity = { jobs: prepared.run.plan.jobs, shared: options.lanes };
    this.#memory = new Memory(prepared);
  }

  async run(): Promise<void> {
    secrets.expectFaults();
    await this.#memory.look();
    const sound = await runBaseline(this.#prepared, this.#capacity);
    const subjects: Subject[] = [];
    const remembered = sound.filter((component) => this.#recall(component));
    const rest = sound.filter((component) => !remembered.includes(component));
    await this.#runControls(rest, subjects);
    const order = (subject: Subject): number => sound.indexOf(subject.component);
    const trials: PlannedTrial[] = [];
    for (const subject of subjects.toSorted((a, b) => order(a) - order(b)))
      trials.push(...(await this.#plan(subject)));
    await this.#try(trials);
    if (!this.#prepared.run.control.stop.aborted) this.#tellInVain();
    if (this.#options.faults.length === 0 && !this.#prepared.run.control.stop.aborted)
      await this.#memory.keep(rest);
  }

  /** Reports faults that were asked for and do not exist. If a component could not be looked at, they may be its own. */
  #tellInVain(): void {
    const { run } = this.#prepared;
    if (this.#derived.length < run.plan.components.length) return;
    for (const finding of wantedInVain(this.#options.faults, this.#derived))
      run.emit({ type: 'run-note', finding });
  }

  /** Reports what an earlier run has proved. @returns whether that is known */
  #recall(component: Component): boolean {
    if (this.#options.fresh) return false;
    const known = this.#memory.recall(component);
    if (known !== undefined) this.#derived.push({ component, faults: known.map(({ name }) => name) });
    for (const { name, judgement, advice } of known ?? []) {
      if (!this.#isWanted(name)) continue;
      const { id } = this.#announce(component, name, name.isDemanded);
      this.#tell(id, component, { ...name, advice }, { ...judgement, isRemembered: true });
    }
    return known !== undefined;
  }

  /** @param subjects where those that passed are added */
  async #runControls(components: readonly Component[], subjects: Subject[]): Promise<void> {
    const { run } = this.#prepared;
    const guests = await Promise.all(
      components.map((component) =>
        asItIs({ component, after: [], ports: portsOf(component, new Set(), run.plan.shared) }),
      ),
    );
    await runSideBySide(aloneFirst(guests), this.#capacity, {
      execute: async ({ component }): Promise<Verdict> => {
        const subject = await this.#control(component);
        if (subject !== undefined) subjects.push(subject);
        return 'passed';
      },
      skip: () => {},
      isStopped: () => run.control.stop.aborted,
    });
  }

  #announce(component: Component, name: FaultName, demanded: boolean): { id: string; name: TrialName } {
    const trial = { ...name, of: component.name, isDemanded: demanded };
    const id = this.#names.next(trial);
    const { kind } = component;
    this.#prepared.run.emit({ type: 'trial-planned', component: id, kind, trial });
    return { id, name: trial };
  }

  /** Ends a trial, and reports what it has shown. */
  #finish(id: string, findings: readonly Finding[], { attempt, durationMs }: Ended): void {
    const { emit } = this.#prepared.run;
    for (const finding of findings) emit({ type: 'finding', component: id, attempt, finding });
    const verdict = verdictOf(findings);
    emit({
      type: 'component-finished',
      component: id,
      verdict,
      flaky: false,
      attempts: attempt,
      durationMs,
    });
  }

  /** @returns the component with what is needed to break what it tries; undefined when it cannot be proved */
  async #control(component: Component): Promise<Subject | undefined> {
    const { run, env } = this.#prepared;
    const { id } = this.#announce(component, { fault: CONTROL, subject: null }, false);
    const folder = trialFolder(this.#prepared, id);
    const sabotage = await kindOf(component.kind).sabotage?.();
    const { root, seed, shared } = run.plan;
    const ground: Ground = {
      ...{ root, seed, shared, env: { ...env, ...component.env } },
      readyAfter: (service) => this.#prepared.pool.readyAfter(service),
    };
    const instrumented = await (sabotage?.instrument(component, folder, ground) ?? NO_FAULTS);
    if (sabotage === undefined || !instrumented.ok) {
      const { message, hint } = instrumented.ok ? NO_FAULTS.error : instrumented.error;
      const finding: Finding = {
        code: 'nothing-to-sabotage',
        message: `${component.name}: ${message}`,
        hint,
      };
      this.#skip(id, component);
      this.#finish(id, [finding], NOT_RUN);
      return undefined;
    }
    const control = await this.#run(id, instrumented.value);
    const barred = hasPassed(control) ? undefined : sabotage.barred?.(component, control, ground);
    const subject = { component, tried: component, sabotage, ground, control };
    if (barred === undefined || run.control.stop.aborted) return this.#controlled(id, subject, 1);
    return await this.#controlWithout(id, { ...subject, ground: { ...ground, barred } });
  }

  /** The instruments cannot be in its processes: whatever does not need them is proved. */
  async #controlWithout(id: string, subject: Subject): Promise<Subject | undefined> {
    const { component, sabotage, ground } = subject;
    this.#prepared.run.emit({ type: 'component-retrying', component: id, attempt: 1, attempts: 2 });
    const folder = trialFolder(this.#prepared, id, 2);
    const bare = await sabotage.instrument(component, folder, ground);
    const control = await this.#run(id, bare.ok ? bare.value : component, 2);
    return this.#controlled(id, { ...subject, control }, 2);
  }

  /** Ends a control, once it has been tried otherwise if need be. @returns what it was about, if it has passed */
  async #controlled(id: string, subject: Subject, attempt: number): Promise<Subject | undefined> {
    const { control, component } = subject;
    const [first] = control.findings.filter(isTelling);
    if (first !== undefined) {
      this.#finish(id, [blamed(first)], { ...control, attempt });
      return undefined;
    }
    const run = (tried: Component): Promise<TrialRecord> => this.#run(id, tried, attempt + 1);
    const folder = (): string => trialFolder(this.#prepared, id, attempt + 1);
    const otherwise = await controlOtherwise(subject, { run, folder, stop: this.#prepared.run.control.stop });
    // Another time it may be possible, without any change of the project.
    if (otherwise?.control.obstacle !== undefined) this.#memory.forget(component);
    this.#finish(id, [], { ...control, attempt: otherwise === undefined ? attempt : attempt + 1 });
    return otherwise ?? subject;
  }

  /** Begins a trial that will not be run, so that it can be ended. */
  #skip(id: string, { kind }: Component): void {
    this.#prepared.run.emit({ type: 'component-started', component: id, kind, attempt: 1, logFile: null });
  }

  /** @param alone services of the suite that are started for it alone */
  async #run(
    id: string,
    component: Component,
    attempt = 1,
    alone: readonly string[] = [],
  ): Promise<TrialRecord> {
    const { run, active } = this.#prepared;
    active.add(id);
    const pool: AttemptContext['pool'] = {
      lease: (user, as) => this.#prepared.pool.lease(user, as, alone),
    };
    const record = await runTrial(id, component, { ...this.#prepared, pool }, run.control.stop, attempt);
    active.delete(id);
    return record;
  }

  async #plan(subject: Subject): Promise<PlannedTrial[]> {
    const { component, tried, sabotage, ground, control } = subject;
    const { faults, unreachable } = await sabotage.derive(tried, control, ground);
    this.#derived.push({ component, faults: [...faults, ...unreachable] });
    const announce = <F extends Fault | Unreachable>(fault: F) => {
      const name = { fault: fault.fault, subject: fault.subject };
      return { ...this.#announce(component, name, isDemanded(fault, component.prove)), fault };
    };
    const toTell = unreachable.filter((fault) => this.#isWanted(fault)).map(announce);
    const toTry = faults.filter((fault) => this.#isWanted(fault)).map(announce);
    for (const { id, name, fault } of toTell)
      this.#tell(id, component, { ...name, advice: fault.advice }, judgeUnreachable(fault));
    return toTry.map((trial) => ({ ...trial, subject }));
  }

  #isWanted(fault: FaultName): boolean {
    const { faults } = this.#options;
    return faults.length === 0 || faults.includes(fault.fault) || faults.includes(showFault(fault));
  }

  /** Ends a trial without running it. */
  #tell(id: string, component: Component, fault: TellableFault, judgement: Judgement): void {
    this.#skip(id, component);
    this.#conclude(id, component, fault, judgement, NOT_RUN);
  }

  #conclude(
    id: string,
    component: Component,
    fault: TellableFault,
    judgement: Judgement,
    ended: Ended,
  ): void {
    this.#prepared.run.emit({ type: 'trial-judged', component: id, judgement });
    const worth = { isDemanded: fault.isDemanded, excuse: excuseOf(fault, component.prove) };
    this.#finish(id, findingsOf(fault, judgement, fault.advice, worth), ended);
    const name = { ...fault, of: component.name };
    this.#memory.add(component, { name, judgement, advice: fault.advice });
  }

  async #try(trials: readonly PlannedTrial[]): Promise<void> {
    const { run } = this.#prepared;
    // With a budget, what must be noticed comes first, and of that the most telling of each component.
    const isBounded = this.#options.budget !== undefined;
    const ordered = isBounded ? mostTellingFirst(trials) : trials;
    const byName = new Map(ordered.map((trial) => [trial.id, trial]));
    const apart = new Set(ordered.flatMap(({ fault: { inPlaceOf } }) => inPlaceOf ?? []));
    const guests = ordered.map(
      ({ id, fault, subject: { component } }): Guest => ({
        component: { ...component, name: id },
        after: [],
        ports: portsOf(component, apart, run.plan.shared),
        sharing: besideFault(component, fault),
      }),
    );
    await runSideBySide(isBounded ? guests : aloneLast(guests), this.#capacity, {
      execute: async ({ component: { name } }): Promise<Verdict> => {
        const trial = byName.get(name);
        if (trial !== undefined) await this.#tryOne(trial);
        return 'passed';
      },
      skip: ({ component: { name, kind } }, reason) =>
        run.emit({ type: 'component-skipped', component: name, kind, reason }),
      isStopped: () => run.control.stop.aborted,
    });
  }

  async #tryOne({ id, fault, subject, name }: PlannedTrial): Promise<void> {
    const { run } = this.#prepared;
    const { component, control } = subject;
    if (!this.#isAffordable(control.durationMs + (fault.takes ?? 0)))
      return this.#leaveOut(id, component, name);
    const used = run.plan.shared.find((shared) => shared.name === fault.inPlaceOf);
    // It cannot be there twice; whoever needs it later has it started anew.
    if (used !== undefined && fixedPort(used) !== undefined) await this.#prepared.pool.renew([used.name]);
    const alone = fault.isLent === true && used !== undefined ? [used.name] : [];
    const attempt = async (timeout: Ms, count: number): Promise<TrialRecord> => {
      const sabotaged = await fault.sabotage(trialFolder(this.#prepared, id, count));
      return this.#run(id, { ...sabotaged, timeout, slow: timeout }, count, alone);
    };
    const own = component.timeout;
    const limit = limitOf(fault, own, control.durationMs);
    const first = await attempt(limit, 1);
    const isAgain = isCutShort(fault, first, limit, own) && !run.control.stop.aborted;
    if (isAgain && !this.#isAffordable(own)) {
      this.#memory.forget(component);
      this.#finish(id, [notTried(name)], { attempt: 1, durationMs: first.durationMs });
      return;
    }
    if (isAgain) run.emit({ type: 'component-retrying', component: id, attempt: 1, attempts: 2 });
    const record = isAgain ? await attempt(own, 2) : first;
    const ended = { attempt: isAgain ? 2 : 1, durationMs: record.durationMs };
    const judgement = stopReason(run.control.stop) ? undefined : judge(fault, record, component.prove);
    if (judgement !== undefined) {
      const advice = judgement.outcome === 'blind' ? adviceAfter(fault, record, control) : fault.advice;
      this.#conclude(id, component, { ...name, advice }, judgement, ended);
    } else {
      this.#memory.forget(component);
      this.#finish(id, record.findings, ended);
    }
  }

  #isAffordable(estimatedMs: number): boolean {
    const { budget } = this.#options;
    return budget === undefined || this.#prepared.run.clock.now() - this.#startedAt + estimatedMs <= budget;
  }

  #leaveOut(id: string, component: Component, name: TrialName): void {
    this.#memory.forget(component);
    if (!name.isDemanded) {
      const reason = 'left out: the budget was used up';
      this.#prepared.run.emit({ type: 'component-skipped', component: id, kind: component.kind, reason });
      return;
    }
    this.#skip(id, component);
    this.#finish(id, [notTried(name)], NOT_RUN);
  }
}

/** A fault that is reported. */
interface TellableFault extends FaultName {
  readonly isDemanded: boolean;
  readonly advice: string;
}

interface Ended {
  readonly attempt: number;
  readonly durationMs: number;
}

const NOT_RUN: Ended = { attempt: 1, durationMs: 0 };

const NO_FAULTS = {
  ok: false,
  error: {
    message: 'there is no fault for components of this kind',
    hint: 'leave it out of `prove`: name the others',
  },
} as const;
