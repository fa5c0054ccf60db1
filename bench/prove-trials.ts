/** Tries `shakedown prove` on suites that others wrote, and reports what it finds. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { number, parseOptions, path } from '../scripts/options.ts';
import { type Fetched, fetchSuite } from './prove-suites/fetch.ts';
import { SUITES, type Suite } from './prove-suites/suites.ts';
import { changesOf, type ProofReport, showTrials, type Trial } from './prove-suites/table.ts';
import { interruption, runToItsEnd, say } from './rounds.ts';
import { SHAKEDOWN } from './suite.ts';

const COMMAND = {
  usage: 'bench/prove-trials [options] [SUITE…]',
  summary: 'what shakedown prove finds in suites that others wrote',
  options: {
    seconds: number('the least budget of each suite', 35, 1, 'S'),
    folder: path('keep what was fetched in this folder (default: a temporary one)', 'DIR'),
    json: path('write all outcomes as JSON'),
    markdown: path('write them as the document that docs/prove-trials.md is'),
  },
  names: 'Suites are named as in bench/prove-suites/suites.ts; none means all of them.',
};

/** For the baseline and the control, which no budget bounds. */
const BEYOND_BUDGET = 120_000;

let running: ChildProcess | undefined;

/** @returns the exit code, null if it was killed */
async function shakedown({ folder, env }: Fetched, limit: number, ...args: string[]) {
  const child = spawn(process.execPath, [SHAKEDOWN, ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  let [said, printed] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const timer = setTimeout(() => child.kill('SIGTERM'), limit);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return { code, printed, said };
}

/** Makes each change by hand, runs the tests without `prove`, and undoes it. */
async function unnoticedIn(suite: Suite, fetched: Fetched) {
  const unnoticed = [];
  for (const change of changesOf(suite)) {
    const file = join(fetched.folder, change.file);
    const before = readFileSync(file, 'utf8');
    if (!before.includes(change.from))
      throw new Error(`${change.file} of ${suite.name} has no ${change.from}`);
    writeFileSync(
      file,
      before.replaceAll(change.from, () => change.to),
    );
    try {
      const { code } = await shakedown(fetched, BEYOND_BUDGET);
      if (code === 0) unnoticed.push(change);
    } finally {
      writeFileSync(file, before);
    }
  }
  return unnoticed;
}

async function trySuite(suite: Suite, folder: string, seconds: number): Promise<Trial> {
  const into = join(folder, suite.name);
  mkdirSync(into, { recursive: true });
  const fetched = await fetchSuite(suite, into);
  const limit = seconds * 1000 + BEYOND_BUDGET;
  const { printed, said } = await shakedown(
    fetched,
    limit,
    'prove',
    '--fresh',
    '--budget',
    `${seconds}s`,
    '--json',
  );
  const report = printed === '' ? null : (JSON.parse(printed) as ProofReport);
  return { suite, report, unnoticed: await unnoticedIn(suite, fetched), said: said.trim() };
}

async function main(): Promise<void> {
  const command = parseOptions(COMMAND, process.argv.slice(2));
  if (command === undefined) return;
  const { options, names } = command;
  const unknown = names.find((name) => SUITES.every((suite) => suite.name !== name));
  if (unknown !== undefined)
    throw new Error(`${unknown} is none of the suites in bench/prove-suites/suites.ts`);
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'prove-trials-'));
  const trials: Trial[] = [];
  try {
    for (const suite of SUITES.filter(({ name }) => names.length === 0 || names.includes(name))) {
      interruption.signal.throwIfAborted();
      const seconds = Math.max(options.seconds, suite.seconds ?? 0);
      const trial = await trySuite(suite, folder, seconds);
      trials.push(trial);
      say(`${suite.name}@${suite.version}: ${JSON.stringify(trial.report?.proof) ?? trial.said}`);
      // Each time, since all of them take long.
      if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(trials, null, 2)}\n`);
      if (options.markdown !== undefined)
        writeFileSync(options.markdown, `${showTrials(trials, options.seconds)}`);
    }
  } finally {
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

await runToItsEnd(main, () => running?.kill('SIGTERM'));
