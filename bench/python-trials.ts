/** Tries `shakedown package` on well-known packages for Python that were not prepared for it, and reports what it finds. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { number, parseOptions, path } from '../scripts/options.ts';
import { type KnownPython, PYTHON_PACKAGES } from './package/python-packages.ts';
import { type PythonTrial, showPythonTrials } from './package/python-table.ts';
import type { TrialReport } from './package/trial.ts';
import { interruption, runToItsEnd, say } from './rounds.ts';
import { SHAKEDOWN } from './suite.ts';

const COMMAND = {
  usage: 'bench/python-trials [options] [PACKAGE…]',
  summary: 'what shakedown package finds in well-known packages for Python',
  options: {
    seconds: number('give up a package after this time', 300),
    json: path('write all outcomes as JSON'),
    from: path('outcomes that an earlier run has written with --json: those packages are not tried again'),
    cache: path('a folder that keeps pip’s downloads and the checkers of types from one package to the next'),
    earlier: path(
      'the document as it was: what it has of packages that are not tried is kept, in a part of its own',
    ),
    markdown: path('write them as the document that docs/package-trials-python.md is'),
  },
  names: 'Packages are named as in bench/package/python-packages.ts, without their version; none means all.',
};

const nameOf = ({ spec }: KnownPython): string => spec.replace('pypi:', '').split('@')[0] ?? '';

/** @throws when one is not known */
function known(names: readonly string[]): readonly KnownPython[] {
  const named = names.map((name) => {
    const found = PYTHON_PACKAGES.find((each) => nameOf(each) === name);
    if (found === undefined) throw new Error(`${name} is not in bench/package/python-packages.ts`);
    return found;
  });
  return named.length === 0 ? PYTHON_PACKAGES : named;
}

let running: ChildProcess | undefined;

/** Runs the real program in a folder of its own, and ends it when it takes too long. */
async function tryPackage(
  { spec }: KnownPython,
  seconds: number,
  shared: string | undefined,
): Promise<PythonTrial> {
  const folder = mkdtempSync(join(tmpdir(), 'python-trial-'));
  const report = join(folder, 'report.json');
  const env = { ...process.env, XDG_CACHE_HOME: shared ?? join(folder, 'cache'), NO_COLOR: '1' };
  const startedAt = performance.now();
  const commit = execFileSync('git', ['rev-parse', '--short=8', 'HEAD'], { encoding: 'utf8' }).trim();
  try {
    const child = spawn(process.execPath, [SHAKEDOWN, 'package', spec, '--report', `json=${report}`], {
      ...{ cwd: folder, env },
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
    const refused = { spec, wholeMs: performance.now() - startedAt, report: null, said: said.trim(), commit };
    if (code === null || code === 2 || code === 4) return refused;
    return { ...refused, report: JSON.parse(readFileSync(report, 'utf8')) as TrialReport };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const said = parseOptions(COMMAND, process.argv.slice(2));
  if (said === undefined) return;
  const { options, names } = said;
  const earlier =
    options.from === undefined ? [] : (JSON.parse(readFileSync(options.from, 'utf8')) as PythonTrial[]);
  const trials: PythonTrial[] = [];
  for (const each of known(names)) {
    interruption.signal.throwIfAborted();
    const before = earlier.find(({ spec }) => spec === each.spec);
    const trial = before ?? (await tryPackage(each, options.seconds, options.cache));
    trials.push(trial);
    if (before !== undefined) continue;
    // Each time, since all of them take long.
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(trials, null, 2)}\n`);
    const findings = trial.report?.components.flatMap((component) =>
      component.findings.map(({ code, message }) => `\n    ${component.name}: ${code}: ${message}`),
    );
    const came = `${trial.report?.verdict ?? trial.said} in ${(trial.wholeMs / 1000).toFixed(1)} s`;
    say(`${each.spec}: ${came}${findings?.join('') ?? ''}`);
  }
  const python = execFileSync('python3', ['--version'], { encoding: 'utf8' }).trim();
  const earlierPage = options.earlier === undefined ? '' : readFileSync(options.earlier, 'utf8');
  if (options.markdown !== undefined)
    writeFileSync(options.markdown, showPythonTrials(trials, python, earlierPage));
}

await runToItsEnd(main, () => running?.kill('SIGTERM'));
