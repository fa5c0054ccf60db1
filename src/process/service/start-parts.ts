import type { Command, Environment, Service } from '../../core/suite.ts';
import type { Exchanges } from '../probes/exchanges.ts';
import type { FilesBefore } from '../probes/files.ts';
import type { CommandContext, OwnedCommand, Running } from '../run-owned.ts';
import type { Container } from './container.ts';
import type { NamedPort } from './named-port.ts';

/** What a service needs from the run that it is part of. Its id is also that of its owner. */
export interface ServiceContext extends CommandContext {
  /**
   * Called when the service has started, not when it is ready, with the port that it will use; if it picks that itself,
   * called when it has named it.
   */
  readonly onSpawned?: (port: number | null) => void;
  /** Called with why it is not ready yet, as soon as that is known. */
  readonly onWait?: (message: string) => void;
  /** Called the moment the service is ready. */
  readonly onReady?: () => void;
  /** The container that it runs in, which its command starts; undefined if it runs as processes of ours. */
  readonly container?: Container;
}

/** A service that has been started. */
export interface StartParts extends Running {
  readonly spec: Service;
  readonly context: ServiceContext;
  /** Null also for one that it picks itself, until that is known. */
  readonly port: number | null;
  /** Where it names the port that it picks. */
  readonly named: NamedPort | undefined;
  /** When it was started, on the clock of the run. */
  readonly startedAt: number;
  /** The requests that probes have sent it. */
  readonly exchanges: Exchanges;
  /** The state of the files that probes look at, from before the start. */
  readonly filesBefore: FilesBefore;
}

/** A command of a service with its port filled in; that of a service in a container is carried out there. */
export const withinReach = (
  command: Command,
  { context: { container }, port }: Pick<StartParts, 'context' | 'port'>,
): Command => container?.inside(command) ?? withPort(command, port);

/**
 * A command that is run beside a service, on its behalf, in its folder and environment.
 *
 * @param part appended to the id of the service to give the id of the command's owner
 * @param aside the name of its output in the log
 */
export const beside = (
  { spec, context, port, options: { cwd, env } }: Pick<StartParts, 'spec' | 'context' | 'port' | 'options'>,
  command: Command,
  part: string,
  aside: string,
): OwnedCommand => ({
  ...{ step: spec.name, owner: `${context.id}/${part}`, aside, cwd },
  command: withinReach(command, { context, port }),
  env: portEnv(env, port),
});

/** The environment of a command that uses a service: one that picks its port itself has none in its own. */
export const portEnv = (env: Environment, port: number | null): Environment =>
  port === null ? env : { ...env, PORT: String(port) };

/** Replaces `$PORT` and `${PORT}` in the arguments of a program; in a shell command the shell does it. */
export function withPort(command: Command, port: number | null): Command {
  if (command.type === 'shell' || port === null) return command;
  const [program, ...args] = command.argv;
  return {
    type: 'argv',
    argv: [program, ...args.map((arg) => arg.replace(/\$PORT\b|\$\{PORT\}/g, String(port)))],
  };
}
