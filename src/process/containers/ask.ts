/** Short questions to the command line of a container engine. What takes longer, or speaks to people, is an owned process. */
import { spawn } from 'node:child_process';
import type { Environment } from '../../core/suite.ts';
import { registerGroup } from '../system/children.ts';
import { killGroup } from '../system/proc.ts';

export interface Reply {
  /** Null: it was ended, or could not be started. */
  readonly code: number | null;
  readonly out: string;
  /** What it printed besides, without the advice on how to use it. */
  readonly complaint: string;
  /** It took longer than it may. */
  readonly isLate: boolean;
}

/** In milliseconds. An engine that is busy with others may need a while; one that hangs must not hang us. */
const LONGEST = 30_000;

const ADVICE = /^(?:Run|See) '[^']*--help'|^Usage:/;

/** What Compose, version 1 or 2, says while all goes well, and what newer command lines only warn of. */
const TALK =
  /^(?:(?:Container|Network|Volume|Image) \S+ {2}\w+(?:ing|ed)|(?:Creat|Start|Stopp|Remov)ing (?:\S+ \.\.\.(?: done)?|(?:network|volume|image) \S+))$|^time="[^"]*" level=(?:debug|info|warning) /;

/** The lines that say what went wrong. */
const complaintOf = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/^(?:docker|podman): /, '').trim())
    .filter((line) => line !== '' && !ADVICE.test(line) && !TALK.test(line))
    .join('; ');

/**
 * Runs a program, in a session of its own so that Ctrl-C does not reach it, and gathers what it prints.
 *
 * @param env its complete environment
 * @param within milliseconds after which it is ended
 */
export function ask(
  program: string,
  args: readonly string[],
  env: Environment,
  within: number = LONGEST,
): Promise<Reply> {
  return new Promise((resolve) => {
    const child = registerGroup(
      spawn(program, [...args], { cwd: '/', env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      if (child.pid !== undefined) killGroup(child.pid);
    }, within);
    const finish = (code: number | null, why?: string): void => {
      clearTimeout(timer);
      const said = why ?? complaintOf(Buffer.concat(err).toString('utf8'));
      const late = `it did not answer within ${within / 1000}s`;
      resolve({ code, out: Buffer.concat(out).toString('utf8'), complaint: isLate ? late : said, isLate });
    };
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', (error) => finish(null, error.message));
    child.once('close', (code) => finish(code));
  });
}
