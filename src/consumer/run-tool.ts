/** Runs package managers, and other programs for them, as owned processes. */
import { err, ok, type Result } from '../core/result.ts';
import { stopReason } from '../core/stop-reason.ts';
import type { Environment } from '../core/suite.ts';
import { formatDuration } from '../core/units.ts';
import { type CommandContext, runOwned } from '../process/run-owned.ts';
import type { Exit } from '../process/system/exit.ts';
import type { ConsumerFailure } from './failure.ts';

const TAIL_LINES = 200;
export const EVIDENCE_LINES = 15;

/** Settings of an outer npm (`npm run -w a`, `npm --global`) that the inner one must not inherit. */
const NOT_OURS =
  /^npm_config_(?:workspaces?|include_workspace_root|global|location|dry_run|omit|include|only|package|json|package_lock|package_lock_only|save\w*|loglevel|silent|pack_destination)$/i;

const toolEnvironment = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !NOT_OURS.test(name)));

export interface ToolCall {
  /** Name of the step, unique in its context. */
  readonly step: string;
  /** Begins the message of a failure: `react@77 cannot be fetched`. */
  readonly failing: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Absolute path of a file for its output, whatever its length; by default that goes to the log. */
  readonly output?: string;
}

/** A shell that sends the output of a command into a file. */
const INTO_FILE = ['/bin/sh', '-c', 'file=$1; shift; exec "$@" > "$file"', 'sh'] as const;

export interface Ended {
  readonly exit: Exit;
  /** The last lines of its output. */
  readonly lines: readonly string[];
}

export interface ProgramCall extends Pick<ToolCall, 'step' | 'failing' | 'cwd'> {
  readonly argv: readonly [string, ...string[]];
  readonly env: Environment;
}

/** Its last lines tell what it was at: pip, for one, names what it downloads. */
function stopped(failing: string, evidence: readonly string[], { signal }: CommandContext): ConsumerFailure {
  const reason = stopReason(signal);
  const when =
    reason?.type === 'timeout'
      ? `it did not finish within ${formatDuration(reason.limit)}`
      : 'it was stopped before it finished';
  return {
    ...{ blame: 'stopped', message: `${failing}: ${when}` },
    ...(evidence.length === 0 ? {} : { evidence }),
  };
}

/**
 * Runs a program to its end, however it ends, and ends any processes it left.
 *
 * @returns how it ended; or why it could not be run, or not to its end
 */
export async function runProgram(
  { step, failing, argv, cwd, env }: ProgramCall,
  context: CommandContext,
): Promise<Result<Ended, ConsumerFailure>> {
  const run = await runOwned(
    { step, owner: `${context.id}/${step}`, cwd, env, command: { type: 'argv', argv } },
    { grace: context.grace },
    context,
  );
  if (!run.ok) {
    const { message, hint, isTrouble } = run.error;
    return err({
      blame: isTrouble === true ? 'trouble' : 'machine',
      message: `${failing}: ${message}`,
      hint,
    });
  }
  const { exit, scanner } = run.value;
  if (exit === undefined) return err(stopped(failing, scanner.tail(EVIDENCE_LINES), context));
  return ok({ exit, lines: [...scanner.tail(TAIL_LINES)] });
}

/**
 * Runs a package manager of JavaScript like any program, without the settings of one around it.
 *
 * @param program its path
 */
export const runTool = (
  program: string,
  { step, failing, args, cwd, output }: ToolCall,
  context: CommandContext,
): Promise<Result<Ended, ConsumerFailure>> =>
  runProgram(
    {
      ...{ step, failing, cwd, env: toolEnvironment(context.env) },
      argv: output === undefined ? [program, ...args] : [...INTO_FILE, output, program, ...args],
    },
    context,
  );
