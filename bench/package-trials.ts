/** Tries `shakedown package` on well-known packages that were not prepared for it, and reports what it finds. */
import { writeFileSync } from 'node:fs';
import { number, parseOptions, path } from '../scripts/options.ts';
import { askOracles } from './package/ask.ts';
import { Outcomes } from './package/outcomes.ts';
import { FIXTURES, PACKAGES, type Subject } from './package/packages.ts';
import { showTrials } from './package/table.ts';
import type { Trial } from './package/trial.ts';
import { endTrial, environment, tryPackage } from './package/try.ts';
import { interruption, runToItsEnd, say } from './rounds.ts';
import { here } from './suite.ts';

const COMMAND = {
  usage: 'bench/package-trials [options] [PACKAGE…]',
  summary:
    'what shakedown package finds in well-known packages; a run that was ended is carried on by the next',
  options: {
    seconds: number('give up a package after this time', 300),
    oracleSeconds: number('give up an oracle after this time', 120),
    kept: path('where outcomes are kept as they come (default: in node_modules/.cache)'),
    markdown: path('write all outcomes as the document that docs/package-trials.md is'),
  },
  names:
    'Packages are named as in bench/package/packages.ts, with or without their version, and tried even if their outcome is kept. ' +
    'Without names, all are tried whose outcome is not; `none` stands for no package.',
};

const KEPT = here('../node_modules/.cache/package-trials/outcomes.json');

/** null if it cannot be fetched. */
async function testimonyOn(subject: Subject, seconds: number): Promise<Trial['testimony']> {
  try {
    const specs = subject.workspace?.members ?? [subject.spec];
    return await askOracles(subject, specs, seconds, environment());
  } catch (error) {
    say(`${subject.spec}: the oracles were not asked: ${(error as Error).message.split('\n')[0]}`);
    return null;
  }
}

function tell({ spec, report, said, wholeMs }: Trial): void {
  const findings = report?.components.flatMap(({ name, findings }) =>
    findings.map(({ code, message }) => `\n    ${name}: ${code}: ${message}`),
  );
  say(`${spec}: ${report?.verdict ?? said} in ${(wholeMs / 1000).toFixed(1)} s${findings?.join('') ?? ''}`);
}

async function main(): Promise<void> {
  const said = parseOptions(COMMAND, process.argv.slice(2));
  if (said === undefined) return;
  const { options, names } = said;
  const all = [...PACKAGES, ...FIXTURES];
  const outcomes = new Outcomes(options.kept ?? KEPT);
  for (const subject of outcomes.wanted(names, all)) {
    const tried = await tryPackage(subject, options.seconds);
    interruption.signal.throwIfAborted();
    const trial = { ...tried, testimony: await testimonyOn(subject, options.oracleSeconds) };
    outcomes.keep(trial);
    tell(trial);
    interruption.signal.throwIfAborted();
  }
  if (options.markdown !== undefined)
    writeFileSync(options.markdown, showTrials(outcomes.of(all), process.versions.node));
}

await runToItsEnd(main, endTrial);
