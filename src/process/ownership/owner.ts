/** Starts processes, tracks their descendants, and ends them. */
import { type ChildProcess, spawn as spawnChild } from 'node:child_process';
import { closeSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import { troubleOf } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { type Command, type Environment, showCommand } from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';
import { cookieName, type RunDirectory } from '../../store/run-directory.ts';
import type { Pipe, PipeSource } from '../output/pipe-source.ts';
import { OutputReader } from '../output/reader.ts';
import { registerChild, registerWrapper } from '../system/children.ts';
import type { Exit } from '../system/exit.ts';
import {
  childrenOf,
  hasProcessTable,
  isAlive,
  type ProcessInfo,
  readProcess,
  sight,
} from '../system/proc.ts';
import { explainStartFailure, foreseeStartFailure, type StartFailure } from '../system/start-failure.ts';
import { endBranch } from './branch.ts';
import type { CommandOwner, Held, Leftovers, OnStart, OwnedProcess, SpawnOptions } from './command-owner.ts';
import type { Ending } from './ending.ts';
import { ProcessFinder } from './finder.ts';
import { canBeHeld, GATE_FD, Gate, holdArgv } from './gate.ts';
import { Inlet } from './inlet.ts';
import { type LimitMark, nextLimit } from './limit-mark.ts';
import { keepLooking, stopLooking } from './looks.ts';
import type { Manner } from './request.ts';
import { hasEnded, linger, terminate } from './terminate.ts';
import type { Argv, Enclosure, Entrance, Place } from './tiers/tier.ts';

/** The lease's descriptor in children: above those that programs and shells use by number. */
const LEASE_FD = 19;

/** A process that ends right after its parent is not a leak: helpers that wait for a pipe to close, say. */
const SETTLE = 500 as Ms;

/** Distinguishes a folder from a later one at the same path. */
function identify(folder: string): string {
  try {
    const { dev, ino } = statSync(folder, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return '';
  }
}

/** The name of an owner's lease. @param id of the owner */
export const leaseName = (id: string): string => id.replace(/[^\w.-]/g, '+');

/** What an attempt passes to all its owners. */
export interface OwnerContext {
  /** The name of the component that its owners work for. */
  readonly component: string;
  readonly directory: Pick<RunDirectory, 'run' | 'leases' | 'openLease'>;
  readonly pipes: PipeSource;
  readonly enclosure: Enclosure;
  readonly clock: Clock;
}

export class Owner implements CommandOwner {
  readonly id: string;
  readonly #finder: ProcessFinder;
  readonly #place: Place;
  readonly #pipes: PipeSource;
  readonly #cookie: Environment;
  readonly #lease: number;
  /** In KiB of resident memory; undefined where such a mark is not needed or not possible. */
  readonly #limit: LimitMark | undefined;
  readonly #of: string;
  readonly #clock: Clock;
  readonly #started: OwnedProcess[] = [];
  readonly #children: ChildProcess[] = [];
  readonly #readers: OutputReader[] = [];
  readonly #inlets: Inlet[] = [];
  readonly #look = (): void => this.#finder.glance();
  #isAdmitted = false;

  /** @param id unique within the run; it names the lease */
  constructor(context: OwnerContext, id: string) {
    this.id = leaseName(id);
    this.#of = context.component;
    this.#clock = context.clock;
    this.#pipes = context.pipes;
    const path = join(context.directory.leases, this.id);
    const name = cookieName(context.directory.run);
    this.#lease = context.directory.openLease(this.id);
    this.#cookie = { [name]: this.id };
    this.#place = context.enclosure.placeFor(this.id);
    const limit = context.enclosure.needsLimit ? nextLimit(context.directory.run) : undefined;
    this.#limit = limit;
    const marks = { cookie: `${name}=${this.id}`, lease: path, limit: limit?.range };
    this.#finder = new ProcessFinder(marks, { place: this.#place, isOwners: true });
  }

  async spawn(
    command: Command,
    options: SpawnOptions,
    onStart?: OnStart,
  ): Promise<Result<OwnedProcess, StartFailure>> {
    this.#admit();
    const started = await this.#start(command, options);
    if (started.ok) this.#begin(started.value, onStart);
    return started;
  }

  async hold(command: Command, options: SpawnOptions): Promise<Held | undefined> {
    if (!canBeHeld(command, options.env)) return undefined;
    const folder = identify(options.cwd);
    const gate = await Gate.make(this.#pipes);
    if (gate === undefined) return undefined;
    this.#place.admit(this.#finder, true);
    const started = await this.#start(command, options, gate);
    gate.isTaken();
    if (!started.ok) {
      gate.shut();
      return undefined;
    }
    const held = started.value;
    return {
      release: () => {
        // A command that could not start now, or whose folder was replaced since, must be started anew.
        const isAsBefore =
          held.exit() === undefined &&
          foreseeStartFailure(command, options) === undefined &&
          identify(options.cwd) === folder;
        if (!isAsBefore) {
          gate.shut();
          return undefined;
        }
        this.#admit();
        const released = { ...held, startedAt: performance.now() };
        gate.open();
        return (onStart) => {
          this.#begin(released, onStart);
          return released;
        };
      },
      drop: () => gate.shut(),
    };
  }

  /** Registers this owner with its enclosure, which tells it from the others there. */
  #admit(): void {
    if (!this.#isAdmitted) this.#place.admit(this.#finder, false);
    this.#isAdmitted = true;
  }

  #begin(started: OwnedProcess, onStart: OnStart | undefined): void {
    onStart?.(started);
    keepLooking(this.#look);
  }

  async #start(
    command: Command,
    options: SpawnOptions,
    gate?: Gate,
  ): Promise<Result<OwnedProcess, StartFailure>> {
    const entrance = this.#enter(command, options, gate !== undefined);
    if (!entrance.ok) return entrance;
    const { argv, isWrapper } = entrance.value;
    const taken = await this.#takePipe(command, options);
    if (!taken.ok) return taken;
    const pipe = taken.value;
    const [program, ...args] = argv;
    const output = pipe === undefined ? ('pipe' as const) : pipe.writeFd;
    const gap = new Array<'ignore' | number>(LEASE_FD - 3).fill('ignore');
    if (gate !== undefined) gap[GATE_FD - 3] = gate.readFd;
    const input = await this.#openInput(options);
    const startedAt = performance.now();
    const start = (): ChildProcess =>
      spawnChild(program, args, {
        cwd: options.cwd,
        env: { ...options.env, ...this.#cookie },
        // In a session of its own the terminal's Ctrl-C reaches only us, and we decide what it means.
        detached: true,
        stdio: [
          input?.readFd ?? (options.input === 'open' ? 'pipe' : 'ignore'),
          output,
          output,
          ...gap,
          this.#lease,
        ],
      });
    let child: ChildProcess;
    try {
      const register = isWrapper ? registerWrapper : registerChild;
      child = register(this.#place.start?.(start, this.#limit) ?? start());
    } catch (error) {
      if (pipe !== undefined) closeSync(pipe.readFd);
      return err(explainStartFailure(command, options, error as NodeJS.ErrnoException));
    } finally {
      if (pipe !== undefined) closeSync(pipe.writeFd);
      input?.isTaken();
    }
    const { pid } = child;
    if (pid === undefined) {
      const error = await new Promise<NodeJS.ErrnoException>((resolve) => child.once('error', resolve));
      if (pipe !== undefined) closeSync(pipe.readFd);
      return err(explainStartFailure(command, options, error));
    }
    child.on('error', () => {});
    child.stdin?.on('error', () => {});
    const streams = [child.stdout, child.stderr].filter((stream): stream is Readable => stream !== null);
    const reader = new OutputReader(options.sink, pipe?.readFd ?? streams);
    const startTicks = readProcess(pid)?.startTicks ?? null;
    this.#finder.adopt({ pid, startTicks: startTicks ?? 0, leadsGroup: true, isWrapper });
    let exit: Exit | undefined;
    let endedAt: number | undefined;
    const exited = new Promise<Exit>((resolve) => {
      child.once('exit', (code, signal) => {
        exit = { code, signal };
        endedAt = performance.now();
        resolve(exit);
      });
    });
    const started: OwnedProcess = {
      pid,
      isWrapper,
      startTicks,
      command: showCommand(command),
      startedAt,
      exited,
      exit: () => exit,
      lifeMs: () => (endedAt === undefined ? undefined : endedAt - startedAt),
      output: reader,
      endInput: () => {
        child.stdin?.end();
        input?.close();
      },
    };
    this.#started.push(started);
    this.#children.push(child);
    this.#readers.push(reader);
    return ok(started);
  }

  /** A wrapper always starts, so whatever would keep the command itself from starting is checked first. */
  #enter(command: Command, options: SpawnOptions, isHeld: boolean): Result<Entrance, StartFailure> {
    const failure = foreseeStartFailure(command, options);
    if (failure !== undefined) return err(failure);
    const argv: Argv = command.type === 'shell' ? ['/bin/sh', '-c', command.line] : command.argv;
    const held = isHeld ? holdArgv(argv, command, options.env) : argv;
    const entering: Argv = options.entrance === undefined ? held : [...options.entrance, ...held];
    return ok(this.#place.enter(entering, options.cwd, this.#limit));
  }

  /**
   * Not Node's own pipe, which is a socket: a program that opens /dev/stdin by name gets ENXIO on one.
   *
   * @returns the input that is to stay open; undefined if there is to be none, or Node's socket must do
   */
  async #openInput(options: SpawnOptions): Promise<Inlet | undefined> {
    if (options.input !== 'open' || !hasProcessTable) return undefined;
    const inlet = await Inlet.make(this.#pipes);
    if (inlet !== undefined) this.#inlets.push(inlet);
    return inlet;
  }

  /** @returns a pipe for the output; undefined where none is available and Node's sockets must do */
  async #takePipe(command: Command, options: SpawnOptions): Promise<Result<Pipe | undefined, StartFailure>> {
    try {
      return ok(await this.#pipes.take());
    } catch (error) {
      // A shortage on the machine is a reason like any other: an owner of nothing gives up its marks as usual.
      if (troubleOf(error) === undefined) throw error;
      return err(explainStartFailure(command, options, error as NodeJS.ErrnoException));
    }
  }

  members(): ProcessInfo[] {
    return this.#finder.scan();
  }

  knownMembers(): ProcessInfo[] {
    return this.#finder.scanLightly();
  }

  stoppedWrappers(): ProcessInfo[] {
    return this.#finder.stoppedWrappers();
  }

  pidOf(started: OwnedProcess): number {
    // Of a wrapper that is gone, the pid may be somebody else's by now.
    if (!started.isWrapper || started.exit() !== undefined) return started.pid;
    return childrenOf(started.pid).find(isAlive)?.pid ?? started.pid;
  }

  endCommand(started: OwnedProcess): Promise<void> {
    return endBranch(() => this.members(), started.pid);
  }

  hasEnded(): Promise<boolean> {
    return hasEnded(this.#finder);
  }

  async leftovers(
    hurry?: AbortSignal,
    mayStay: (command: string) => boolean = () => false,
  ): Promise<Leftovers | undefined> {
    const all = await linger(this.#finder, SETTLE, this.#clock, hurry);
    if (all === undefined) return undefined;
    const allowed = new Set<number>();
    const processes = all.flatMap((info) => {
      const sighting = sight(info);
      if (!allowed.has(info.parent) && !mayStay(sighting.command)) return [sighting];
      allowed.add(info.pid);
      return [];
    });
    return { processes, areAllowed: allowed.size > 0 && processes.length === 0 };
  }

  async untilEnded(patience: Ms, signal: AbortSignal): Promise<void> {
    await linger(this.#finder, patience, this.#clock, signal);
  }

  async end(grace: Ms, hurry?: AbortSignal, manner: Manner = {}): Promise<Ending> {
    const wasKilled = (info: ProcessInfo): boolean => this.#wasKilled(info);
    const ending = await terminate(this.#finder, grace, this.#of, this.#clock, {
      hurry,
      manner: { wasKilled, ...manner },
    });
    // Processes that could not be ended must not keep us alive.
    if (ending.survivors.length > 0) for (const child of this.#children) child.unref();
    await this.release();
    return ending;
  }

  /** Whether what it has started keeps this very process from exiting, as it does at first. */
  keepAlive(isWanted: boolean): void {
    for (const child of this.#children) isWanted ? child.ref() : child.unref();
    for (const reader of this.#readers) reader.keepAlive(isWanted);
  }

  /** Whether a command of this owner is known to have died of a signal. */
  #wasKilled({ pid, parent }: ProcessInfo): boolean {
    const started = this.#started.find((each) => (each.isWrapper ? parent : pid) === each.pid);
    return started !== undefined && started.exit()?.signal != null;
  }

  async release(): Promise<void> {
    stopLooking(this.#look);
    this.#place.leave();
    for (const inlet of this.#inlets) inlet.close();
    await this.#drain();
    closeSync(this.#lease);
  }

  /**
   * With no process left the pipes are at their end. One that is not is held by an escaped process: do not wait for it.
   */
  async #drain(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, SETTLE);
    });
    await Promise.race([Promise.all(this.#started.map(({ output }) => output.closed)), patience]);
    clearTimeout(timer);
    for (const { output } of this.#started) output.close();
  }
}
