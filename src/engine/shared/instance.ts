/**
 * One service or task of the suite while it exists:
 *
 *   starting ──ready──▶ ready ──no longer needed──▶ ended
 *      └── failed, or no longer needed ──▶ ended
 *   ready ── died: `broken` resolves ──▶ ended
 */
import type { Address } from '../../core/address.ts';
import type { Finding } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { sharedComponent } from '../../core/shared.ts';
import type { StopReason } from '../../core/stop-reason.ts';
import type { Environment, Shared } from '../../core/suite.ts';
import type { ComponentContext } from '../../kinds/common/context.ts';
import { verdictOf } from '../../kinds/index.ts';
import { outsideNamespaces } from '../../process/ownership/tiers/marks-only.ts';
import type { Container } from '../../process/service/container.ts';
import type { Run } from '../run-context.ts';
import { logPath, strayFindings, supervise } from '../supervise.ts';

/** A service that is ready, or a task that is done. */
export interface Ready {
  /** Null for a task: it leaves nothing to reach. */
  readonly address: Address | null;
  /** Further variables for those who need it. */
  readonly variables?: Environment;
  /** Null for a task, and for a service that this run has not started. */
  readonly pid: number | null;
  /** Milliseconds from its start; 0 for what has no process of ours. */
  readonly readyAfterMs: number;
  /** A component starts to use it: what it prints from now on may explain what the component meets. */
  readonly watchErrors: () => void;
  /** The first error that it has printed since. */
  readonly firstError: () => string | undefined;
  /** Whether it has ended by itself. A crash that is under way gets `patience` milliseconds to become visible. */
  readonly hasDied: (patience: number) => Promise<boolean>;
  /** Kills it for a trial that has it to itself. @param because who asked for it */
  readonly kill: (because: string) => void;
}

/** Of what has no process of ours, nothing is heard. */
export const UNHEARD: Omit<Ready, 'address'> = {
  pid: null,
  readyAfterMs: 0,
  watchErrors: () => {},
  firstError: () => undefined,
  hasDied: async () => false,
  kill: () => {},
};

/** How the work on a service or task is told what others want of it, and tells them how it goes. */
export interface Terms {
  /** With the container that its service runs in, if it does. */
  readonly context: ComponentContext & { readonly container?: Container };
  /** Aborts when nobody needs it any more. If it is not ready by then, the context's signal aborts too. */
  readonly end: AbortSignal;
  readonly onReady: (ready: Ready) => void;
  readonly onBroken: (finding: Finding) => void;
  /** Whether components are judged that need it: then each of its faults must have happened to somebody. */
  readonly isJudged: boolean;
  /** The port at which its users have found it before; undefined: any free one. */
  readonly frontPort: number | undefined;
}

/** What it does not know by itself. */
type Further = 'isJudged' | 'frontPort';

/** What the work has come to. */
export interface Outcome {
  readonly type: 'ended' | 'done' | 'cached';
  readonly findings: readonly Finding[];
}

export class Instance {
  readonly spec: Shared;
  /** As events name it. */
  readonly name: string;
  /** Resolves when it is ready, or with why it never will be; undefined if it was ended before. */
  readonly ready: Promise<Result<Ready, Finding | undefined>>;
  /** Resolves if it fails after it was ready. */
  readonly broken: Promise<Finding>;
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
  readonly #end = new AbortController();
  readonly #cut = new AbortController();
  #isReady = false;
  #outcome: Outcome['type'] | 'failed' | undefined;
  #failure: Finding | undefined;
  #onReady: (result: Result<Ready, Finding | undefined>) => void = () => {};
  #onBroken: (finding: Finding) => void = () => {};

  /**
   * @param name unique among what exists at the same time
   * @param id unique within the run
   * @param logName names its log within the run
   * @param env the environment of its processes
   */
  constructor(
    spec: Shared,
    name: string,
    { id, logName }: { readonly id: string; readonly logName: string },
    env: Environment,
    run: Run,
    work: (terms: Omit<Terms, Further>) => Promise<Outcome>,
  ) {
    this.spec = spec;
    this.name = name;
    this.ready = new Promise((resolve) => {
      this.#onReady = resolve;
    });
    this.broken = new Promise((resolve) => {
      this.#onBroken = resolve;
    });
    this.ended = this.#live({ id, logName }, env, run, work).catch(run.control.onCrash);
  }

  /** Why it has failed after it was ready, if it has. */
  get failure(): Finding | undefined {
    return this.#failure;
  }

  /** Whether it was ended, or has failed: whoever needs it needs a new one. A task that is done stays so. */
  get isGone(): boolean {
    return this.#outcome === 'ended' || this.#outcome === 'failed';
  }

  /** Ends it, and waits for that. */
  async end(): Promise<void> {
    const reason: StopReason = { type: 'obsolete', because: 'nobody needs it any more' };
    if (!this.#isReady) this.#cut.abort(reason);
    this.#end.abort(reason);
    await this.ended;
  }

  async #live(
    { id, logName }: { readonly id: string; readonly logName: string },
    env: Environment,
    run: Run,
    work: (terms: Omit<Terms, Further>) => Promise<Outcome>,
  ): Promise<void> {
    const { emit, clock, control, plan } = run;
    const startedAt = clock.now();
    const logFile = logPath(run, logName);
    emit({ type: 'shared-started', shared: this.name, kind: this.spec.type, logFile });
    const task = {
      component: sharedComponent(this.name),
      id,
      logName,
      seed: plan.seed,
      env,
      stop: AbortSignal.any([control.stop, this.#cut.signal]),
      ...(this.spec.type === 'container' || this.spec.type === 'compose'
        ? { tier: outsideNamespaces(run.tier) }
        : {}),
      ...(this.spec.type === 'task' ? { timeout: this.spec.step.timeout } : {}),
    };
    const { result, strays, failure } = await supervise<Outcome>(
      task,
      run,
      (context) =>
        work({
          context,
          end: this.#end.signal,
          onReady: (ready) => {
            this.#isReady = true;
            this.#onReady(ok(ready));
          },
          onBroken: (finding) => {
            this.#failure = finding;
            this.#onBroken(finding);
          },
        }),
      (finding) => ({ type: 'ended', findings: [finding] }),
    );
    const findings = [
      ...result.findings,
      ...strayFindings(this.spec.name, strays),
      ...(failure === undefined ? [] : [failure]),
    ];
    const outcome = verdictOf(findings) === 'passed' ? result.type : 'failed';
    this.#outcome = outcome;
    emit({
      type: 'shared-finished',
      shared: this.name,
      outcome,
      durationMs: clock.now() - startedAt,
      findings,
    });
    // Without effect for a service that has been ready.
    if (outcome === 'done' || outcome === 'cached') this.#onReady(ok({ ...UNHEARD, address: null }));
    else this.#onReady(err(findings.find((finding) => verdictOf([finding]) !== 'passed')));
  }
}
