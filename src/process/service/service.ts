/**
 * A service: a process tree that is started, becomes ready, is used, and is ended again.
 *
 *   starting ──ready──▶ ready ──stop──▶ ended
 *      └── died, timed out, foreign listener: a finding ──▶ ended
 *   ready ── died ──▶ `died` resolves; stop() still ends whatever is left
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Finding } from '../../core/finding.ts';
import { firstError } from '../../core/first-error.ts';
import { errorLine } from '../../core/headline.ts';
import { lastWords } from '../../core/last-words.ts';
import { notEnded, sightings } from '../../core/leftovers.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import type { Service, StopSignal } from '../../core/suite.ts';
import { formatDuration, type Ms } from '../../core/units.ts';
import { linePattern } from '../../text/bounded-pattern.ts';
import { judgeOutput, outputWatches } from '../output/judge.ts';
import { killMembers } from '../ownership/branch.ts';
import { Exchanges } from '../probes/exchanges.ts';
import { noteFiles } from '../probes/files.ts';
import { hostOf, logWatches, probedPorts } from '../probes/probe.ts';
import { startOwned } from '../run-owned.ts';
import { describeExit, type Exit } from '../system/exit.ts';
import { pickFreePort } from '../system/free-port.ts';
import type { ProcessInfo } from '../system/proc.ts';
import { startFinding } from '../system/start-failure.ts';
import { checkAddresses } from './address-check.ts';
import { explainEarlyEnd } from './early-end.ts';
import { hintForEnd } from './end-hints.ts';
import { explainHeldBack } from './late.ts';
import { isNamed, NamedPort } from './named-port.ts';
import { checkPortFreed, checkPortsFree } from './port-check.ts';
import { awaitReadiness } from './readiness.ts';
import { portEnv, type ServiceContext, type StartParts, withPort } from './start-parts.ts';
import { endProcesses, handledSignals, hintForKilled, stopService } from './stop.ts';
import { tellMain } from './tell.ts';
import { outlastTimeWait } from './time-wait.ts';
import { DISCARDED, howToHear } from './unheard.ts';

/** The end of a service that should have stayed alive. */
export interface Death {
  /** Null for a daemon: we cannot learn how it ended. */
  readonly exit: Exit | null;
  readonly afterReadyMs: number;
}

const SEARCHED_LINES = 400;
/** In milliseconds. Callers that must know at once, since a client has failed, look for themselves (`hasDied`). */
const WATCH_EVERY = 250;

export class RunningService {
  readonly spec: Service;
  readonly port: number | null;
  readonly pid: number;
  /** Milliseconds from the start of the process to its first good answer. */
  readonly readyAfterMs: number;
  /** Resolves when the service ends without having been asked to. */
  readonly died: Promise<Death>;
  readonly #parts: StartParts;
  readonly #readyAt: number;
  readonly #watch = new AbortController();
  readonly #linesWhenReady: number;
  #isExplained = false;
  #killedBy: string | undefined;

  private constructor(parts: StartParts, pid: number) {
    this.spec = parts.spec;
    this.port = parts.port;
    this.pid = pid;
    this.#parts = parts;
    this.#readyAt = parts.context.clock.now();
    this.#linesWhenReady = parts.scanner.lines;
    this.readyAfterMs = this.#readyAt - parts.startedAt;
    this.died = this.#awaitDeath();
  }

  /**
   * Starts a service and waits until it is ready.
   *
   * @returns the service, or why it failed to start; a failed start leaves nothing running
   */
  static start(spec: Service, context: ServiceContext): Promise<Result<RunningService, Finding>> {
    return RunningService.#start(spec, context, true);
  }

  /** @param mayRepeat start it once more if its port was only remembered by the kernel */
  static async #start(
    spec: Service,
    context: ServiceContext,
    mayRepeat: boolean,
  ): Promise<Result<RunningService, Finding>> {
    const named = isNamed(spec.port) ? new NamedPort(spec.port) : undefined;
    const port = isNamed(spec.port) ? null : spec.port === 0 ? await pickFreePort() : spec.port;
    const ports = new Set([...(port === null ? [] : [port]), ...probedPorts(spec.ready, port)]);
    const taken =
      (await checkAddresses(spec)) ?? (await checkPortsFree(spec, ports, context.directory.state));
    if (taken !== undefined) return err(taken);
    const { container } = context;
    const refusal = await container?.create(port);
    if (refusal !== undefined) {
      await container?.remove();
      return err(refusal);
    }
    const env = portEnv(context.env, port);
    const filesBefore = noteFiles(spec.ready, spec.cwd);
    const started = await startOwned(
      {
        ...{ step: spec.name, owner: context.id, cwd: spec.cwd, env },
        input: spec.stdin === 'open' ? 'open' : undefined,
        command: withPort(spec.command, port),
        watches: [
          ...outputWatches(spec.expect),
          ...logWatches(spec.ready),
          ...(named === undefined ? [] : [named.watch]),
        ],
        allow: spec.expect.allow.map(linePattern),
      },
      context,
    );
    if (!started.ok) {
      await container?.remove();
      return err(startFinding(spec.name, started.error));
    }
    if (named === undefined) context.onSpawned?.(port);
    const { owner, scanner, root } = started.value;
    const exchanges = new Exchanges(context.clock, `shakedown/${context.version}`);
    const startedAt = context.clock.at(root.startedAt);
    const parts = { ...started.value, spec, context, port, named, startedAt, exchanges, filesBefore };
    const readiness = await awaitReadiness(parts);
    if (readiness.type === 'ready')
      return ok(new RunningService({ ...parts, port: readiness.port }, readiness.pid));
    const left = readiness.type === 'died' ? await owner.leftovers(context.signal) : undefined;
    await context.snapshot();
    await exchanges.close(context.hurry);
    const grace = readiness.type === 'died' ? (0 as Ms) : spec.grace;
    started.value.root.endInput();
    await endProcesses(parts, grace);
    const fate = readiness.type === 'died' ? await container?.fate() : undefined;
    // Nothing of it may stay; what keeps it from being removed is worse than that it has not started.
    const [stays] = (await container?.remove()) ?? [];
    if (stays !== undefined) return err(stays);
    if (readiness.type === 'found') return err(explainHeldBack(readiness.finding, spec, scanner));
    const refused = { name: spec.name, port, lines: scanner.tail(SEARCHED_LINES), signal: context.signal };
    if (mayRepeat && (await outlastTimeWait({ ...refused, say: (message) => context.onWait?.(message) })))
      return RunningService.#start(spec, { ...context, id: `${context.id}/again` }, false);
    return err(await explainEarlyEnd(parts, left?.processes ?? [], fate));
  }

  /** Where it is reached, if not on localhost: an address of this machine. */
  get host(): string | undefined {
    return hostOf(this.spec);
  }

  async #awaitDeath(): Promise<Death> {
    const { owner, root, context } = this.#parts;
    const death = (exit: Exit | null): Death => ({
      exit,
      afterReadyMs: context.clock.now() - this.#readyAt,
    });
    const stopped = this.#watch.signal;
    const partly = context.container?.untilFailed?.(stopped).then(() => null);
    const exit = await untilAborted(
      partly === undefined ? root.exited : Promise.race([root.exited, partly]),
      stopped,
    );
    if (exit === null) return death(null);
    // A command that puts itself into the background exits at once with code 0; from then on its children are watched.
    if (exit !== undefined && !(this.spec.daemon && exit.code === 0)) return death(exit);
    while (!stopped.aborted) {
      if (await owner.hasEnded()) return death(null);
      await delay(WATCH_EVERY, undefined, { signal: stopped, ref: false }).catch(() => {});
    }
    return new Promise(() => {});
  }

  /** Whether the service has ended by itself. A crash that is under way gets `patience` milliseconds to become visible. */
  async hasDied(patience: number): Promise<Death | undefined> {
    const { owner, root, context } = this.#parts;
    // A daemon is looked at now and then: it may have ended since the last look.
    if (root.exit() !== undefined && (await owner.hasEnded())) return this.died;
    return untilAborted(this.died, context.clock.timeout(patience));
  }

  /**
   * Kills it in the middle of its work. To its users it has died.
   *
   * @param because who asked for it, for the finding
   */
  async kill(because: string): Promise<void> {
    this.#killedBy = because;
    const { owner, context } = this.#parts;
    // The processes in a container are its engine's.
    if (context.container === undefined) await killMembers(() => owner.members());
    else await context.container.signal('SIGKILL');
  }

  /** Sends its main process a signal, and nothing else. @returns who got it; undefined if nobody is left */
  tell(signal: StopSignal): ProcessInfo | undefined {
    return tellMain(this.#parts, this.pid, signal);
  }

  /** All its live processes. */
  members(): ProcessInfo[] {
    return this.#parts.owner.members();
  }

  /** How its command ends. */
  get exited(): Promise<Exit> {
    return this.#parts.root.exited;
  }

  /** Waits until nothing of it is alive, `patience` is over, or the signal aborts. @returns whether nothing is */
  async untilEnded(patience: Ms, signal: AbortSignal): Promise<boolean> {
    const { owner } = this.#parts;
    await owner.untilEnded(patience, signal);
    return owner.hasEnded();
  }

  /** Whether it was killed by `kill`. */
  get isKilled(): boolean {
    return this.#killedBy !== undefined;
  }

  /** Reports a death as a finding, with the last lines that the service printed. */
  async explainDeath(death: Death): Promise<Finding> {
    this.#isExplained = true;
    const { scanner, root } = this.#parts;
    await Promise.race([root.output.closed, delay(100)]);
    // What a daemon's launcher printed is not the reason for the daemon's end.
    const said = death.exit === null ? scanner.lines - this.#linesWhenReady : SEARCHED_LINES;
    const spoken = said > 0 ? scanner.tail(Math.min(said, SEARCHED_LINES)) : [];
    const cause = errorLine(spoken);
    const evidence = lastWords(this.#parts.exchanges.withoutMarked(spoken), firstError(spoken) ?? cause);
    const fate = await this.#parts.context.container?.fate();
    const how = fate ?? (death.exit === null ? 'ended' : describeExit(death.exit));
    const hint = await this.#hintForDeath(death, spoken, cause !== undefined);
    return {
      code: 'service-died',
      step: this.spec.name,
      message: `${this.spec.name} ${how} while it was in use, ${formatDuration(death.afterReadyMs)} after it was ready${cause === undefined ? '' : `: ${cause}`}`,
      evidence,
      exitCode: death.exit?.code ?? null,
      signal: death.exit?.signal ?? null,
      ...(hint === undefined ? {} : { hint }),
    };
  }

  async #hintForDeath(
    { exit }: Death,
    lines: readonly string[],
    isError: boolean,
  ): Promise<string | undefined> {
    if (this.#killedBy !== undefined) return this.#killedBy;
    if (this.spec.daemon) return lines.length === 0 ? `${DISCARDED}; ${howToHear(this.spec)}` : undefined;
    const { owner, root, context } = this.#parts;
    const left = (await owner.leftovers(context.signal))?.processes ?? [];
    return hintForEnd({ ...this.#parts, exit, lines, isError, left, lifeMs: root.lifeMs() });
  }

  /** A client starts to use it: what it prints from now on may explain what the client meets. */
  watchErrors(): void {
    this.#parts.scanner.mark();
  }

  /** The first error that it has printed since; undefined if there is none. */
  firstError(): string | undefined {
    const { scanner } = this.#parts;
    return firstError(scanner.since().filter((line) => !scanner.allows(line)));
  }

  /** Whether its output is lost: a daemon's is, unless it keeps the descriptors that it was given. */
  get isUnheard(): boolean {
    return this.spec.daemon && this.#parts.scanner.since().length === 0;
  }

  /** Ends the service and all that it started, and makes sure that its port is free. */
  async stop(): Promise<Finding[]> {
    this.#watch.abort();
    const { spec, context, exchanges } = this.#parts;
    const findings: Finding[] = [];
    await context.snapshot();
    await exchanges.close(context.hurry);
    const heard = handledSignals(this.pid);
    const ending = await stopService({ ...this.#parts, pid: this.pid });
    if (ending.complaint !== undefined) findings.push(ending.complaint);
    if (ending.killed.length > 0 && !context.hurry.aborted) {
      findings.push({
        code: 'killed',
        step: spec.name,
        message: `${spec.name} did not exit within ${formatDuration(spec.grace)} after ${spec.stop.signal} and was killed`,
        ...sightings(ending.killed),
        hint: hintForKilled(spec, heard, context.container !== undefined),
      });
    }
    findings.push(...notEnded(spec.name, ending.survivors, spec.name));
    findings.push(...((await context.container?.remove()) ?? []));
    const held = this.port === null ? undefined : await checkPortFreed(spec, this.port, context.clock);
    if (held !== undefined) findings.push(held);
    return [...findings, ...this.#judgeOutput()];
  }

  #judgeOutput(): Finding[] {
    // Its death has been reported with its last lines, which are usually a crash report.
    if (this.#isExplained) return [];
    const { scanner, context, exchanges } = this.#parts;
    const { expect, name } = this.spec;
    // It was cut short, so it may not have printed all that is expected of it.
    const demanded = context.signal.aborted ? { ...expect, output: [] } : expect;
    return judgeOutput(scanner, demanded, { name, exitCode: null, cut: exchanges.cut });
  }
}
