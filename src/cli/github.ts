/** What GitHub shows of a run besides the log of the step: annotations, and the summary of the job. */
import { appendFileSync, closeSync, constants, fstatSync, openSync } from 'node:fs';
import { visible } from '../core/harmless.ts';
import type { Place } from '../core/place.ts';
import { annotationsOf } from '../report/github/annotations.ts';
import { summaryOf } from '../report/github/summary.ts';
import { problemsOf } from '../report/problems.ts';
import { advance, INITIAL_STATE } from '../report/state.ts';
import { guardOutput, issue } from './command-guard.ts';
import type { OpenReport } from './open-report.ts';
import { say } from './say.ts';
import { createSources } from './sources.ts';

/** GitHub takes 1 MiB for all that a step adds, and shows nothing of more. */
const MOST_BYTES = 1_000_000;
/** Less is not worth showing. */
const LEAST_BYTES = 1000;

/** A file of somebody else may be anything: a pipe that nobody reads, a device, a link. */
const FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/**
 * Adds to the summary of the job.
 *
 * @param draw given how many bytes it may have
 * @throws Error if it cannot
 */
function addSummary(path: string, draw: (most: number) => string): void {
  const fd = openSync(path, FLAGS, 0o644);
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) throw new Error('it is no regular file');
    const left = MOST_BYTES - found.size;
    if (left < LEAST_BYTES) throw new Error('it is full: GitHub shows no more than 1 MiB');
    appendFileSync(fd, `${found.size > 0 ? '\n' : ''}${draw(left - 1)}`);
  } finally {
    closeSync(fd);
  }
}

/** Where a file of this commit can be read. */
function urlIn(env: NodeJS.ProcessEnv): (place: Place) => string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_SHA: commit } = env;
  if (server === undefined || repository === undefined || commit === undefined) return () => undefined;
  return ({ file, line }) =>
    `${server}/${repository}/blob/${commit}/${file.split('/').map(encodeURIComponent).join('/')}#L${line}`;
}

/**
 * @param stream that the terminal report goes to
 * @param cwd where the sources are, if the environment does not say so
 */
export function openGithub(stream: NodeJS.WritableStream, env: NodeJS.ProcessEnv, cwd: string): OpenReport {
  guardOutput();
  const sources = createSources(env.GITHUB_WORKSPACE || cwd);
  const path = env.GITHUB_STEP_SUMMARY || undefined;
  let state = INITIAL_STATE;
  const finish = async (): Promise<undefined> => {
    const problems = problemsOf(state, sources);
    for (const command of annotationsOf(problems)) issue(command, stream);
    if (path === undefined) return;
    try {
      addSummary(path, (most) => summaryOf(state, { most, problems, urlOf: urlIn(env) }));
    } catch (error) {
      say(
        visible(`note: the summary of the job cannot be written: ${(error as Error).message}`),
        process.stderr,
      );
    }
  };
  return {
    sink: (event) => {
      state = advance(state, event);
    },
    finish,
  };
}
