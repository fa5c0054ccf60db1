import type { Command, Environment, Service } from '../../domain/suite.ts';
import type { OwnedStep } from '../inspection/owned-step.ts';
import type { ComponentLog } from '../output/log.ts';
import type { OutputScanner } from '../output/scanner.ts';
import type { OnStart, OwnedProcess, OwnerContext, SpawnOptions } from '../ownership/owner.ts';
import type { Exchanges } from '../probes/exchanges.ts';
import type { FilesBefore } from '../probes/files.ts';

/** What a service needs from the run that it is part of. */
export interface ServiceContext extends OwnerContext {
  /** Unique within the run; the owner's id. */
  readonly id: string;
  /** The whole environment of the child, but for PORT. */
  readonly env: Environment;
  readonly log: ComponentLog;
  /** Aborts when the component is over: by time limit, failure elsewhere, or a signal. */
  readonly signal: AbortSignal;
  /** Aborts when even politeness is to be cut short. */
  readonly hurry: AbortSignal;
  /** Told of each owner, before it starts anything. */
  readonly onOwner?: (step: OwnedStep) => void;
  /** Nothing is ended before this resolves. */
  readonly snapshot?: () => Promise<unknown>;
  /** Told that the service runs, and on which port it will be: not that it is ready. */
  readonly onSpawned?: (port: number | null) => void;
  /** Told at the very moment when the service is ready. */
  readonly onReady?: () => void;
  readonly onStart?: (step: string) => OnStart;
  readonly onActivity?: (step: string, scanner: OutputScanner) => void;
}

/** A service that has been started and is not ready yet. */
export interface StartParts {
  readonly spec: Service;
  readonly context: ServiceContext;
  readonly port: number | null;
  readonly launcher: OwnedProcess;
  /** When the launcher was started, on the clock of the run. */
  readonly startedAt: number;
  readonly scanner: OutputScanner;
  readonly options: SpawnOptions;
  /** What probes have asked it. */
  readonly exchanges: Exchanges;
  /** How the files that probes look at were before it was started. */
  readonly filesBefore: FilesBefore;
}

/** `$PORT` and `${PORT}` in the arguments of a program; in a line for the shell the shell does it. */
export function withPort(command: Command, port: number | null): Command {
  if (command.type === 'shell' || port === null) return command;
  const [program, ...args] = command.argv;
  return {
    type: 'argv',
    argv: [program, ...args.map((arg) => arg.replace(/\$PORT\b|\$\{PORT\}/g, String(port)))],
  };
}
