/** Tries `shakedown package` on well-known packages that were not prepared for it, and reports what it finds. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { number, parseOptions, path } from '../scripts/options.ts';
import { type Known, PACKAGES } from './package/packages.ts';
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
  },
  names:
    'Packages are named as in bench/package/packages.ts, with or without their version; none means all of them.',
};

const nameOf = ({ spec }: Known): string => spec.slice(0, spec.lastIndexOf('@'));

/** @throws when one is not known */
function known(names: readonly string[]): readonly Known[] {
  const named = names.map((name) => {
    const found = PACKAGES.find((each) => each.spec === name || nameOf(each) === name);
    if (found === undefined) throw new Error(`${name} is none of the packages in bench/package/packages.ts`);
    return found;
  });
  return named.length === 0 ? PACKAGES : named;
}

/** What npm has fetched is kept for the next time; what is installed is not, and not below this project's packages. */
const NPM_CACHE = here('../node_modules/.cache/package-trials/npm');

/** Runs the real program in a folder of its own, and ends it when it takes too long. */
async function tryPackage({ spec }: Known, seconds: number): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), 'package-trial-'));
  const report = join(folder, 'report.json');
  const env = {
    ...process.env,
    XDG_CACHE_HOME: join(folder, 'cache'),
    npm_config_cache: NPM_CACHE,
    NO_COLOR: '1',
  };
  const startedAt = performance.now();
  try {
    const child = spawn(process.execPath, [SHAKEDOWN, 'package', spec, '--report', `json=${report}`], {
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
  }
}

let running: ChildProcess | undefined;

async function main(): Promise<void> {
  const said = parseOptions(COMMAND, process.argv.slice(2));
  if (said === undefined) return;
  const { options, names } = said;
  const packages = known(names);
  mkdirSync(NPM_CACHE, { recursive: true });
  const trials: Trial[] = [];
  for (const each of packages) {
    interruption.signal.throwIfAborted();
    const trial = await tryPackage(each, options.seconds);
    trials.push(trial);
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

await runToItsEnd(main, () => running?.kill('SIGTERM'));
