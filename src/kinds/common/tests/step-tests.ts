/** The single tests of a command: from the files that it is said to leave, or else from what it prints. */
import { existsSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Finding } from '../../../core/finding.ts';
import type { TestResults } from '../../../core/test-results.ts';
import { plural } from '../../../core/units.ts';
import { readUpTo } from '../../../files/read-bounded.ts';
import type { ComponentContext } from '../context.ts';
import type { Broken } from './reader.ts';
import type { States } from './result-files.ts';

/** What is too much to read, of the output or of all files together. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A command whose tests are told. */
export interface TestedStep {
  readonly name: string;
  readonly title?: string;
  readonly cwd: string;
  /** A path or a pattern from `cwd`, of files with JUnit's XML; null: they are read from the output. */
  readonly results: string | null;
}

/** What is known of the tests of a command that has ended. */
export interface ToldTests {
  readonly results: TestResults | undefined;
  /** What is wrong with the files, if the command has ended as it should. */
  readonly findings: readonly Finding[];
  /** How many failed, by a sum that names none of them. */
  readonly saysFailed: number;
  /** In the output, what tells of failures; null if that is not one call of a runner. */
  readonly summary: string | null;
  /** Why the last runner has failed, whatever its tests say. */
  readonly broken: Broken | null;
  /** Why tests are not told although they were seen in the output, as a clause; null if none are left out for that. */
  readonly untold: string | null;
}

export const NO_TESTS: ToldTests = {
  ...{ results: undefined, findings: [], saysFailed: 0, summary: null, broken: null, untold: null },
};

/** The tests of a command, from before it is started. */
export class StepTests {
  readonly #step: TestedStep;
  readonly #before: States;

  private constructor(step: TestedStep, before: States) {
    this.#step = step;
    this.#before = before;
  }

  static async begin(step: TestedStep, signal: AbortSignal): Promise<StepTests> {
    if (step.results === null) return new StepTests(step, new Map());
    const { statesBefore } = await import('./result-files.ts');
    return new StepTests(step, await statesBefore(step.cwd, step.results, signal));
  }

  /** The command has ended, or is stopped: what is known by now. */
  async told(context: ComponentContext): Promise<ToldTests> {
    const { results, cwd } = this.#step;
    const told =
      results === null ? await this.#printed(context) : await this.#written(results, timeFor(context));
    if (told.results === undefined) return told;
    const known = new Map<string | null, string | null>();
    const fromRoot = (file: string | null): string | null => {
      const at = known.get(file) ?? fileFrom(cwd, context.root, file);
      known.set(file, at);
      return at;
    };
    const cases = told.results.cases.map((test) => ({ ...test, file: fromRoot(test.file) }));
    return { ...told, results: { ...told.results, cases } };
  }

  async #printed({ log }: ComponentContext): Promise<ToldTests> {
    const output = log.printedBy(this.#step.name, MOST_BYTES);
    if (output === undefined || output.length === 0) return NO_TESTS;
    const { printedTests } = await import('./output.ts');
    const printed = await printedTests(output, this.#step.cwd);
    return printed === undefined ? NO_TESTS : { ...NO_TESTS, ...printed };
  }

  async #written(results: string, stop: AbortSignal): Promise<ToldTests> {
    const { name: step, title = step, cwd } = this.#step;
    const { insteadOf, MOST_FILES, writtenSince } = await import('./result-files.ts');
    const { fresh, stale } = await writtenSince(this.#before, cwd, results, stop);
    const unreadable = (trouble: string): Finding => ({
      code: 'unreadable-results',
      step,
      message: `the results of ${title} cannot be read: ${trouble}`,
      hint: JUNIT_HINT,
    });
    if (stop.aborted)
      return { ...NO_TESTS, findings: [unreadable(`there was no time left to look for ${results}`)] };
    if (fresh.length === 0 && stale.length === 0)
      return {
        ...NO_TESTS,
        findings: [missing(step, `${title} has written no results: ${insteadOf(cwd, results)}`)],
      };
    const findings = stale.length === 0 ? [] : [staleFinding(this.#step, stale)];
    if (fresh.length === 0) return { ...NO_TESTS, findings };
    if (fresh.length > MOST_FILES) {
      const tooMany = unreadable(
        `${results} are ${plural(fresh.length, 'file')}, and more than ${plural(MOST_FILES, 'file')} are not read`,
      );
      return { ...NO_TESTS, findings: [...findings, { ...tooMany, hint: FEWER_HINT }] };
    }
    const read = await readAll(cwd, fresh, stop);
    if ('trouble' in read)
      return {
        ...NO_TESTS,
        findings: [...findings, unreadable(`${relative(cwd, read.path)}: ${read.trouble}`)],
      };
    const { countTests } = await import('../../../core/test-results.ts');
    const { resultsOf } = await import('./together.ts');
    const how = { format: 'junit', from: results, isComplete: true } as const;
    return {
      ...NO_TESTS,
      findings,
      saysFailed: read.saysFailed,
      results: resultsOf(countTests(read.cases), read.cases, how),
    };
  }
}

const JUNIT_HINT = 'results are read as the XML of JUnit, which most runners can write';

const FEWER_HINT = 'have the command write fewer files, or divide it into several components';

/** The results of a command that is stopped are read as well, but nobody waits for them any longer than this. */
const GRACE_MS = 1000;

const timeFor = ({ signal }: ComponentContext): AbortSignal =>
  signal.aborted ? AbortSignal.timeout(GRACE_MS) : signal;

function missing(step: string, message: string): Finding {
  return {
    code: 'missing-results',
    step,
    message,
    hint: 'correct `results`, or have the command write that file',
  };
}

function staleFinding({ name: step, title = step, cwd }: TestedStep, stale: readonly string[]): Finding {
  const [first = ''] = stale;
  const others = stale.length === 1 ? '' : ` and ${plural(stale.length - 1, 'more file')}`;
  return {
    code: 'stale-results',
    step,
    message: `${title} has not written ${relative(cwd, first)}${others}: what is there is from before`,
    hint: 'see why the command writes no results; remove old ones before it runs if they are of tests that are no more',
  };
}

interface ReadResults {
  readonly cases: TestResults['cases'];
  readonly saysFailed: number;
}

async function readAll(
  cwd: string,
  paths: readonly string[],
  stop: AbortSignal,
): Promise<ReadResults | { readonly path: string; readonly trouble: string }> {
  const { LATE, readJunit } = await import('./junit.ts');
  const { asPrinted } = await import('./pytest-names.ts');
  const cases: TestResults['cases'][number][] = [];
  let [saysFailed, left] = [0, MOST_BYTES];
  for (const path of paths) {
    if (stop.aborted) return { path, trouble: LATE };
    let bytes: Buffer | undefined;
    try {
      bytes = readUpTo(path, left);
    } catch (error) {
      return { path, trouble: (error as Error).message };
    }
    if (bytes === undefined)
      return {
        path,
        trouble: `with it there are more than ${MOST_BYTES / 1024 / 1024} MB of results, which is too much to read`,
      };
    left -= bytes.length;
    const report = await readJunit(bytes, stop);
    if (!report.ok) return { path, trouble: report.error };
    const { cases: told, isPytest } = report.value;
    for (const test of isPytest ? asPrinted(cwd, told) : told) cases.push(test);
    saysFailed += report.value.saysFailed;
  }
  return { cases, saysFailed };
}

/** A file as a runner names it, from the root of the run if it is in there. */
function fileFrom(cwd: string, root: string, file: string | null): string | null {
  if (file === null) return null;
  const path = resolve(cwd, file);
  const inRoot = relative(root, path);
  const isInside = inRoot !== '' && !inRoot.startsWith(`..${sep}`) && !isAbsolute(inRoot);
  return isInside && (isAbsolute(file) || (cwd !== root && existsSync(path))) ? inRoot : file;
}
