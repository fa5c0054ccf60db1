/** In place of processes: commands that print and end as a test says, in time that passes when it says so. */
import { setImmediate as turn } from 'node:timers/promises';
import { Clock } from '../../src/core/clock.ts';
import type { ProcessSighting } from '../../src/core/finding.ts';
import type { Survivor } from '../../src/core/leftovers.ts';
import { err, ok, type Result } from '../../src/core/result.ts';
import { type Command, showCommand } from '../../src/core/suite.ts';
import type { Ms } from '../../src/core/units.ts';
import type {
  CommandOwner,
  Held,
  Leftovers,
  OnStart,
  OwnedProcess,
  SpawnOptions,
} from '../../src/process/ownership/command-owner.ts';
import type { Ending } from '../../src/process/ownership/ending.ts';
import type { Manner } from '../../src/process/ownership/request.ts';
import type { Exit } from '../../src/process/system/exit.ts';
import type { ProcessInfo } from '../../src/process/system/proc.ts';
import type { StartFailure } from '../../src/process/system/start-failure.ts';
import { VirtualTime } from './virtual-time.ts';

/** A command that has been started. */
export class FakeCommand implements OwnedProcess {
  readonly isWrapper = false;
  readonly startTicks = 1;
  readonly command: string;
  readonly startedAt: number;
  readonly exited: Promise<Exit>;
  readonly output: OwnedProcess['output'];
  readonly options: SpawnOptions;
  readonly pid: number;
  /** What it does when it is asked to end; by default it ends by the signal. */
  onEnd: () => void = () => this.finish(null, 'SIGTERM');
  isInputEnded = false;
  readonly #time: VirtualTime;
  #resolve: (exit: Exit) => void = () => {};
  #exit: Exit | undefined;
  #endedAt = 0;

  constructor(pid: number, command: Command, options: SpawnOptions, time: VirtualTime) {
    this.pid = pid;
    this.command = showCommand(command);
    this.options = options;
    this.#time = time;
    this.startedAt = time.now();
    this.exited = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.output = { closed: this.exited.then(() => {}), close: () => {} };
  }

  exit = (): Exit | undefined => this.#exit;
  lifeMs = (): number | undefined => (this.#exit === undefined ? undefined : this.#endedAt - this.startedAt);
  endInput = (): void => {
    this.isInputEnded = true;
  };

  print(text: string): void {
    const { sink } = this.options;
    sink.log.write(sink.speaker, Buffer.from(text));
    sink.scanner.push(Buffer.from(text));
    sink.onActivity?.();
  }

  /** It ends by itself. */
  finish(code: number | null, signal: NodeJS.Signals | null = null): void {
    if (this.#exit !== undefined) return;
    this.#exit = { code, signal };
    this.#endedAt = this.#time.now();
    this.#resolve(this.#exit);
  }
}

/** How an owner was told to end what is left. */
export interface FakeEnd {
  readonly grace: number;
  readonly manner: Manner;
  /** In virtual time. */
  readonly at: number;
}

export class FakeOwner implements CommandOwner {
  readonly id: string;
  readonly commands: FakeCommand[] = [];
  /** Undefined while it has neither ended nor been released. */
  ending: FakeEnd | 'released' | undefined;
  /** Who lives on when a command has ended. */
  left: ProcessSighting[] = [];
  killed: ProcessSighting[] = [];
  survivors: Survivor[] = [];
  readonly #all: FakeProcesses;

  constructor(id: string, all: FakeProcesses) {
    this.id = id;
    this.#all = all;
  }

  async spawn(
    command: Command,
    options: SpawnOptions,
    onStart?: OnStart,
  ): Promise<Result<FakeCommand, StartFailure>> {
    const failure = this.#all.refusals.get(this.id);
    if (failure !== undefined) return err(failure);
    return ok(this.#begin(command, options, onStart));
  }

  #begin(command: Command, options: SpawnOptions, onStart: OnStart | undefined): FakeCommand {
    if (this.ending !== undefined) throw new Error(`${this.id} has ended, and starts nothing more`);
    const started = this.#all.start(command, options);
    this.commands.push(started);
    onStart?.(started);
    this.#all.announce(this.id, started);
    return started;
  }

  async hold(command: Command, options: SpawnOptions): Promise<Held | undefined> {
    if (!this.#all.holds) return undefined;
    return { release: () => (onStart) => this.#begin(command, options, onStart), drop: () => {} };
  }

  members = (): ProcessInfo[] => [];
  knownMembers = (): ProcessInfo[] => [];
  stoppedWrappers = (): ProcessInfo[] => [];
  pidOf = (started: OwnedProcess): number => started.pid;
  endCommand = async (started: OwnedProcess): Promise<void> =>
    this.commands.find(({ pid }) => pid === started.pid)?.onEnd();
  hasEnded = async (): Promise<boolean> =>
    this.left.length === 0 && this.commands.every((command) => command.exit() !== undefined);
  untilEnded = async (): Promise<void> => {};

  async leftovers(
    _hurry?: AbortSignal,
    mayStay: (command: string) => boolean = () => false,
  ): Promise<Leftovers | undefined> {
    if (this.left.length === 0) return undefined;
    const processes = this.left.filter(({ command }) => !mayStay(command));
    return { processes, areAllowed: processes.length === 0 };
  }

  async end(grace: Ms, _hurry?: AbortSignal, { onSend, ...manner }: Manner = {}): Promise<Ending> {
    const living = this.commands.filter((command) => command.exit() === undefined);
    if (living.length + this.left.length > 0) onSend?.(grace > 0 ? 'SIGTERM' : 'SIGKILL');
    for (const command of living) command.onEnd();
    this.#close({ grace, manner, at: this.#all.time.now() });
    return { killed: this.killed, survivors: this.survivors };
  }

  release = async (): Promise<void> => this.#close('released');

  #close(how: FakeEnd | 'released'): void {
    if (this.ending !== undefined) throw new Error(`${this.id} is ended twice`);
    this.ending = how;
  }
}

export class FakeProcesses {
  readonly time = new VirtualTime();
  readonly clock = new Clock(this.time);
  readonly owners = new Map<string, FakeOwner>();
  /** Why commands of an owner cannot be started. */
  readonly refusals = new Map<string, StartFailure>();
  /** Whether commands can be held at a gate. */
  holds = false;
  readonly #waiting = new Map<string, (command: FakeCommand) => void>();
  #pid = 1_000_000_000;

  readonly openOwner = (id: string): FakeOwner => {
    if (this.owners.has(id)) throw new Error(`there is an owner ${id} already`);
    const owner = new FakeOwner(id, this);
    this.owners.set(id, owner);
    return owner;
  };

  owner(id: string): FakeOwner {
    const owner = this.owners.get(id);
    if (owner === undefined) throw new Error(`no owner ${id} among ${[...this.owners.keys()].join(', ')}`);
    return owner;
  }

  /** The first command of an owner, as soon as it has been started, and whoever started it waits for it. */
  async started(id: string): Promise<FakeCommand> {
    const command =
      this.owners.get(id)?.commands[0] ??
      (await new Promise<FakeCommand>((resolve) => this.#waiting.set(id, resolve)));
    await turn();
    return command;
  }

  start(command: Command, options: SpawnOptions): FakeCommand {
    this.#pid += 1;
    return new FakeCommand(this.#pid, command, options, this.time);
  }

  announce(id: string, command: FakeCommand): void {
    this.#waiting.get(id)?.(command);
  }

  /** Whatever owner has neither ended nor been released. */
  get open(): string[] {
    return [...this.owners.values()].flatMap(({ id, ending }) => (ending === undefined ? [id] : []));
  }
}
