/** Tries `shakedown package` on well-known packages that were not prepared for it, and reports what it finds. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { number, parseOptions, path } from '../scripts/options.ts';
import { askOracles } from './package/oracles.ts';
import { FIXTURES, PACKAGES, type Subject } from './package/packages.ts';
import { showTrials } from './package/table.ts';
import type { Trial, TrialReport } from './package/trial.ts';
import { interruption, runToItsEnd, say } from './rounds.ts';
import { here, SHAKEDOWN } from './suite.ts';

const COMMAND = {
  usage: 'bench/package-trials [options] [PACKAGE…]',
  summary: 'what shakedown package finds in well-known packages',
  options: {
    seconds: number('give up a package after this time', 180),
    json: path('write all outcomes as JSON'),
    markdown: path('write them as the document that docs/package-trials.md is'),
    from: path('outcomes that an earlier run has written with --json: those packages are not tried again'),
  },
  names:
    'Packages are named as in bench/package/packages.ts, with or without their version; none means all of them.',
};

const nameOf = ({ spec }: Subject): string => spec.slice(0, spec.lastIndexOf('@'));

/** @throws when one is not known */
function known(names: readonly string[]): readonly Subject[] {
  const all = [...PACKAGES, ...FIXTURES];
  const named = names.map((name) => {
    const found = all.find((each) => each.spec === name || nameOf(each) === name);
    if (found === undefined) throw new Error(`${name} is none of the packages in bench/package/packages.ts`);
    return found;
  });
  return named.length === 0 ? all : named;
}

/** What npm has fetched is kept for the next time. */
const NPM_CACHE = here('../node_modules/.cache/package-trials/npm');

/** Of one run, and not below this project's packages. Compilers stay for the next package; what is installed does not. */
const CACHE = mkdtempSync(join(tmpdir(), 'package-trials-'));

function forgetInstalled(): void {
  for (const name of ['consumers', 'tarballs'])
    rmSync(join(CACHE, 'shakedown', name), { recursive: true, force: true });
}

/** null if they cannot be asked: it cannot be fetched, or is more than they can read. */
async function objectionsTo(known: Subject): Promise<Trial['objections']> {
  try {
    return await askOracles(known, { ...process.env, npm_config_cache: NPM_CACHE });
  } catch (error) {
    say(`${known.spec}: the oracles have failed: ${(error as Error).message.split('\n')[0]}`);
    return null;
  }
}

type Tried = Omit<Trial, 'objections'>;

/** Of a fixture, what an oracle could know of as well; not each has both. */
const CHOICES = [['entries', 'types'], ['entries'], ['types']] as const;

/** Nothing that it has not is asked for: that is a mistake on the command line. */
async function tryPackage(subject: Subject, seconds: number): Promise<Tried> {
  const isFixture = FIXTURES.includes(subject);
  if (!isFixture) return tryComponents(subject, [], seconds);
  for (const names of CHOICES) {
    const trial = await tryComponents(subject, names, seconds);
    if (!trial.said.includes('there is no component')) return trial;
  }
  return tryComponents(subject, [], seconds);
}

/** Runs the real program in a folder of its own, and ends it when it takes too long. */
async function tryComponents({ spec }: Subject, names: readonly string[], seconds: number): Promise<Tried> {
  const folder = mkdtempSync(join(tmpdir(), 'package-trial-'));
  const report = join(folder, 'report.json');
  const env = {
    ...process.env,
    XDG_CACHE_HOME: CACHE,
    npm_config_cache: NPM_CACHE,
    NO_COLOR: '1',
  };
  const startedAt = performance.now();
  try {
    const words = ['package', spec, ...names, '--report', `json=${report}`];
    const child = spawn(process.execPath, [SHAKEDOWN, ...words], {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    running = child;
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const limit = setTimeout(() => child.kill('SIGTERM'), seconds * 1000);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearTimeout(limit);
    const wholeMs = performance.now() - startedAt;
    const refused = { spec, code, wholeMs, report: null, said: said.trim() };
    if (code === null || code === 2 || code === 4) return refused;
    return { ...refused, report: JSON.parse(readFileSync(report, 'utf8')) as TrialReport };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    forgetInstalled();
  }
}

let running: ChildProcess | undefined;

async function main(): Promise<void> {
  const said = parseOptions(COMMAND, process.argv.slice(2));
  if (said === undefined) return;
  const { options, names } = said;
  const packages = known(names);
  mkdirSync(NPM_CACHE, { recursive: true });
  const earlier =
    options.from === undefined ? [] : (JSON.parse(readFileSync(options.from, 'utf8')) as Trial[]);
  const trials: Trial[] = [];
  for (const each of packages) {
    interruption.signal.throwIfAborted();
    const known = earlier.find(({ spec }) => spec === each.spec);
    const trial = known ?? {
      ...(await tryPackage(each, options.seconds)),
      objections: await objectionsTo(each),
    };
    trials.push(trial);
    if (known !== undefined) continue;
    // Each time, since all of them take long.
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(trials, null, 2)}\n`);
    const findings = trial.report?.components.flatMap((component) =>
      component.findings.map(({ code, message }) => `\n    ${component.name}: ${code}: ${message}`),
    );
    const came = `${trial.report?.verdict ?? trial.said} in ${(trial.wholeMs / 1000).toFixed(1)} s`;
    say(`${each.spec}: ${came}${findings?.join('') ?? ''}`);
  }
  if (options.markdown !== undefined)
    writeFileSync(options.markdown, showTrials(trials, process.versions.node));
}

process.once('exit', () => rmSync(CACHE, { recursive: true, force: true }));
await runToItsEnd(main, () => running?.kill('SIGTERM'));
