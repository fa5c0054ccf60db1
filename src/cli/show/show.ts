/** `shakedown show`: a report of a past run, from its events. */
import { join } from 'node:path';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Stamped } from '../../core/event.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { isOurs } from '../../store/ours.ts';
import { tellIncomplete } from '../destination.ts';
import type { Program } from '../flags.ts';
import type { OpenReport } from '../open-report.ts';
import { type Outcome, refuse, SUCCESS } from '../outcome.ts';
import { openPastTerminal } from '../past-terminal.ts';
import { openReports, parseReports, type ReportRequest, reportOnOutput } from '../reports.ts';
import { say } from '../say.ts';
import { rootOf, type WhereFlags } from '../up/holder.ts';
import { openerOf, openFile } from './browser.ts';
import { hasEvents, replay } from './events.ts';
import { findEvents, type PastEvents } from './find.ts';

export interface ShowFlags extends WhereFlags {
  readonly report?: readonly string[];
  /** Whether the page is opened in a browser where there is one. */
  readonly open: boolean;
}

export async function show(
  wanted: string | undefined,
  flags: ShowFlags,
  { cwd }: Pick<Program, 'cwd'>,
): Promise<Outcome> {
  const requests = parseReports(flags.report ?? [], cwd);
  if (!requests.ok) return refuse(requests.error);
  const found = findEvents(wanted, rootOf(flags, cwd), cwd);
  if (!found.ok) return refuse(found.error);
  const useless = uselessness(found.value);
  if (useless !== undefined) return refuse([useless]);
  const chosen = requests.value.length > 0 ? requests.value : [usualPage(found.value, cwd)];
  const reports = await openReports(chosen);
  if (!reports.ok) return refuse(reports.error);
  const written = await write(found.value, reports.value, chosen, cwd);
  if (!written.ok) return refuse(written.error);
  showPages(chosen, flags.open);
  return { exitCode: written.value };
}

/** Why there is nothing to show: known before any report is begun, which may replace another. */
function uselessness({ file, name }: PastEvents): Diagnostic | undefined {
  try {
    if (hasEvents(file)) return undefined;
    return {
      message: `there is no event in ${file}`,
      hint: 'name a run, its folder, or a file that --report ndjson has written',
    };
  } catch (error) {
    return { message: `the events of ${name} cannot be read: ${(error as Error).message}` };
  }
}

/** Standard output may be taken by a report. */
const streamFor = (requests: readonly ReportRequest[]): NodeJS.WriteStream =>
  reportOnOutput(requests) === undefined ? process.stdout : process.stderr;

/** Says where they are, and opens them for whoever is looking. */
function showPages(requests: readonly ReportRequest[], isWanted: boolean): void {
  const opener = isWanted ? openerOf(process.env, process.stdout) : undefined;
  for (const { format, file } of requests) {
    if (format !== 'html' || file === null) continue;
    say(file, streamFor(requests));
    if (opener !== undefined) openFile(opener, file);
  }
}

/** Beside the journal, unless somebody else may have prepared a place for it there. */
function usualPage({ folder, isTrusted }: PastEvents, cwd: string): ReportRequest {
  const beside = folder === null ? undefined : join(folder, 'report.html');
  const isSafe = beside !== undefined && isTrusted && isOurs(beside);
  return { format: 'html', file: isSafe ? beside : join(cwd, 'shakedown-report.html') };
}

/** Logs are looked for where the events were found, and nowhere else. */
const movedTo = (event: Stamped, folder: string | null): Stamped =>
  event.type === 'run-started' ? { ...event, runDir: folder ?? '' } : event;

/** @returns the exit code; or why the reports are not what they should be */
async function write(
  { file, name, folder }: PastEvents,
  reports: readonly OpenReport[],
  requests: readonly ReportRequest[],
  cwd: string,
): Promise<Result<number, Diagnostic[]>> {
  const isForTerminal = requests.some(({ format }) => format === 'terminal');
  const all = isForTerminal ? [...reports, openPastTerminal(streamFor(requests), cwd)] : reports;
  const take = (event: Stamped): void => {
    for (const { sink } of all) sink(movedTo(event, folder));
  };
  try {
    let exitCode = tellDamage(name, replay(file, take));
    for (const report of all) {
      const failure = await report.finish();
      if (failure !== undefined) exitCode = tellIncomplete(failure, exitCode);
    }
    return ok(exitCode);
  } catch (error) {
    return err([
      { message: `the events of ${name} make no sense: ${(error as Error).message}`, hint: CHANGED },
    ]);
  }
}

const CHANGED = 'they have been changed since, or are of another version of Shakedown';

/** How many lines are named. */
const FEW = 5;

function tellDamage(name: string, damaged: readonly number[]): number {
  if (damaged.length === 0) return SUCCESS.exitCode;
  const lines = damaged.slice(0, FEW).join(', ');
  const more = damaged.length > FEW ? ` and ${damaged.length - FEW} more` : '';
  const what = `line${damaged.length === 1 ? '' : 's'} ${lines}${more} of the events of ${name}`;
  const message = `${what} cannot be read, and what was in them is missing`;
  return refuse([{ message, hint: CHANGED }]).exitCode;
}
