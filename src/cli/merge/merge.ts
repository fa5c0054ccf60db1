/** `shakedown merge`: one report of a suite that was run in shards. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Finding } from '../../core/finding.ts';
import { visible } from '../../core/harmless.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { shortPath } from '../../report/terminal/parts.ts';
import { addToHistory } from '../../store/history.ts';
import { RunLineFold, suiteIn } from '../../store/run-line.ts';
import { inState } from '../../store/state-folder.ts';
import { tellIncomplete } from '../destination.ts';
import type { Program } from '../flags.ts';
import type { OpenReport } from '../open-report.ts';
import { type Outcome, refuse } from '../outcome.ts';
import { openPastTerminal } from '../past-terminal.ts';
import { refuseRun } from '../refusal.ts';
import { openReports, type ReportFlags, reportOnOutput, requestReports } from '../reports.ts';
import { say } from '../say.ts';
import { rootOf, type WhereFlags } from '../up/holder.ts';
import { type Matched, match } from './match.ts';
import { movedSource } from './rename.ts';
import { readResult, type ShardResult } from './result-file.ts';
import { putTogether } from './together.ts';

export interface MergeFlags extends ReportFlags, WhereFlags {}

/** All that was given, or all that is wrong with it. */
function readAll(files: readonly string[], cwd: string): Result<ShardResult[], readonly Diagnostic[]> {
  const read = files.map((file) => readResult(file, cwd));
  const mistakes = read.flatMap((result) => (result.ok ? [] : result.error));
  // The same mistake keeps all shards from running.
  const texts = mistakes.map((mistake) => JSON.stringify(mistake));
  const once = mistakes.filter((_, at) => texts.indexOf(texts[at] ?? '') === at);
  return once.length > 0 ? err(once) : ok(read.flatMap((result) => (result.ok ? [result.value] : [])));
}

/** The suite, where it is checked out here as well; undefined if it is not. */
function suiteAt(root: string, { results: [first] }: Matched): string | undefined {
  if (first?.started.source === undefined) return undefined;
  const source = movedSource(first.started.source, first.started.root, root);
  const name = source.type === 'package' ? undefined : suiteIn({ source, root });
  return name !== undefined && !name.startsWith('..') && existsSync(join(root, name)) ? root : undefined;
}

/** Writes a run into the history of the project: by this the next one is dealt, and its failures run again. */
class Keeper {
  readonly #root: string;
  readonly #fold = new RunLineFold();

  constructor(root: string) {
    this.#root = root;
  }

  take = this.#fold.take.bind(this.#fold);

  keep = (end: Parameters<RunLineFold['line']>[0]): Finding | undefined => {
    const line = this.#fold.line(end);
    if (line === undefined) return undefined;
    try {
      inState(this.#root, (state) => addToHistory(state, line));
      return undefined;
    } catch (error) {
      return {
        code: 'log-incomplete',
        message: `this run is missing in the history of ${this.#root}: ${(error as Error).message}`,
      };
    }
  };
}

async function finish(
  reports: readonly OpenReport[],
  exitCode: number,
  tellPage: (file: string) => void,
): Promise<number> {
  let code = exitCode;
  for (const report of reports) {
    const failure = await report.finish();
    if (failure !== undefined) code = tellIncomplete(failure, code);
    else if (report.page !== undefined) tellPage(report.page);
  }
  return code;
}

/**
 * Puts together what was run in shards, and reports it as one run.
 *
 * @param files that the shards have written
 */
export async function merge(files: readonly string[], flags: MergeFlags, program: Program): Promise<Outcome> {
  const requests = requestReports(flags, program);
  if (!requests.ok) return refuse(requests.error);
  const results = readAll(files, program.cwd);
  if (!results.ok) return refuseRun(results.error, requests.value, program);
  const matched = match(results.value);
  const here = suiteAt(rootOf(flags, program.cwd), matched);
  const reports = await openReports(requests.value);
  if (!reports.ok) return refuse(reports.error);
  const stream = reportOnOutput(requests.value) === undefined ? process.stdout : process.stderr;
  const all = [openPastTerminal(stream, program.cwd), ...reports.value];
  const keeper = here === undefined ? undefined : new Keeper(here);
  const sinks = [...(keeper === undefined ? [] : [keeper.take]), ...all.map(({ sink }) => sink)];
  try {
    const root = here ?? matched.results[0]?.started.root ?? program.cwd;
    const { exitCode } = putTogether(matched, root, sinks, keeper?.keep);
    const tellPage = (file: string): void => say(visible(`  page: ${shortPath(file, program.cwd)}`), stream);
    return { exitCode: await finish(all, exitCode, tellPage) };
  } catch (error) {
    return refuse([
      {
        message: `the results of the shards make no sense: ${(error as Error).message}`,
        hint: 'take the files that `--report ndjson=FILE` has written, unchanged, and the same version of Shakedown',
      },
    ]);
  }
}
