import type { Command, Service } from '../../core/suite.ts';
import type { Exchanges } from '../probes/exchanges.ts';
import type { FilesBefore } from '../probes/files.ts';
import type { CommandContext, OwnedCommand, Running } from '../run-owned.ts';

/** What a service needs from the run that it is part of. Its id is that of its owner. */
export interface ServiceContext extends CommandContext {
  /** Told that the service runs, and on which port it will be: not that it is ready. */
  readonly onSpawned?: (port: number | null) => void;
  /** Told why it is not ready yet, as soon as that is known. */
  readonly onWait?: (message: string) => void;
  /** Told at the very moment when the service is ready. */
  readonly onReady?: () => void;
}

/** A service that has been started. */
export interface StartParts extends Running {
  readonly spec: Service;
  readonly context: ServiceContext;
  readonly port: number | null;
  /** When it was started, on the clock of the run. */
  readonly startedAt: number;
  /** What probes have asked it. */
  readonly exchanges: Exchanges;
  /** How the files that probes look at were before it was started. */
  readonly filesBefore: FilesBefore;
}

/**
 * A command that is run for a service and beside it, in its folder and its environment.
 *
 * @param part follows the id of the service in that of its owner
 * @param aside by what name its words stand in the log
 */
export const beside = (
  { spec, context, port, options: { cwd, env } }: Pick<StartParts, 'spec' | 'context' | 'port' | 'options'>,
  command: Command,
  part: string,
  aside: string,
): OwnedCommand => ({
  ...{ step: spec.name, owner: `${context.id}/${part}`, aside, command: withPort(command, port), cwd, env },
});

/** `$PORT` and `${PORT}` in the arguments of a program; in a line for the shell the shell does it. */
export function withPort(command: Command, port: number | null): Command {
  if (command.type === 'shell' || port === null) return command;
  const [program, ...args] = command.argv;
  return {
    type: 'argv',
    argv: [program, ...args.map((arg) => arg.replace(/\$PORT\b|\$\{PORT\}/g, String(port)))],
  };
}
