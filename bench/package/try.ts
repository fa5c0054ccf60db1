/** Runs the real program on a package, in a folder of its own, and ends it when it takes too long. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { here, SHAKEDOWN } from '../suite.ts';
import { FIXTURES, type Subject } from './packages.ts';
import type { Trial, TrialReport } from './trial.ts';
import { makeWorkspace } from './workspace.ts';

/** What npm has fetched is kept for the next time. */
const NPM_CACHE = here('../node_modules/.cache/package-trials/npm');

/** Of one run, and not below this project's packages. Compilers stay for the next package; what is installed does not. */
const CACHE = mkdtempSync(join(tmpdir(), 'package-trials-'));
process.once('exit', () => rmSync(CACHE, { recursive: true, force: true }));

function forgetInstalled(): void {
  for (const name of ['consumers', 'tarballs'])
    rmSync(join(CACHE, 'shakedown', name), { recursive: true, force: true });
}

export function environment(): NodeJS.ProcessEnv {
  mkdirSync(NPM_CACHE, { recursive: true });
  return { ...process.env, XDG_CACHE_HOME: CACHE, npm_config_cache: NPM_CACHE, NO_COLOR: '1' };
}

/** What the tool was when it was built, if it is built of what was committed last. */
const commit = (): string =>
  execFileSync('git', ['log', '-1', '--format=%h', '--', 'src'], {
    cwd: here('..'),
    encoding: 'utf8',
  }).trim();

export type Tried = Omit<Trial, 'testimony'>;

let running: ChildProcess | undefined;

export const endTrial = (): void => {
  running?.kill('SIGTERM');
};

async function run(subject: Subject, names: readonly string[], seconds: number): Promise<Tried> {
  const { spec, workspace, words = [] } = subject;
  const folder = mkdtempSync(join(tmpdir(), 'package-trial-'));
  const report = join(folder, '.report.json');
  const env = environment();
  try {
    if (workspace !== undefined) await makeWorkspace(workspace, folder, env);
    const what = workspace === undefined ? spec : '.';
    const startedAt = performance.now();
    const child = spawn(
      process.execPath,
      [SHAKEDOWN, 'package', what, ...names, ...words, '--report', `json=${report}`],
      { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    running = child;
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      child.kill('SIGTERM');
    }, seconds * 1000);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearTimeout(limit);
    const wholeMs = performance.now() - startedAt;
    const refused = { spec, code, wholeMs, report: null, said: said.trim(), commit: commit() };
    if (late) return { ...refused, said: `no end in ${seconds} s` };
    if (code === null || code === 2 || code === 4) return refused;
    return { ...refused, report: JSON.parse(readFileSync(report, 'utf8')) as TrialReport };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    forgetInstalled();
  }
}

/** Of a fixture, what an oracle could know of as well; not each has both. */
const CHOICES = [['entries', 'types'], ['entries'], ['types']] as const;

/** Nothing that it has not is asked for: that is a mistake on the command line. */
export async function tryPackage(subject: Subject, seconds: number): Promise<Tried> {
  if (!FIXTURES.includes(subject)) return run(subject, [], seconds);
  for (const names of CHOICES) {
    const trial = await run(subject, names, seconds);
    if (!trial.said.includes('there is no component')) return trial;
  }
  return run(subject, [], seconds);
}
