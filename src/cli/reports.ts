/** Where reports go: the requested formats, and their files. */
import { resolve } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { err, ok, type Result } from '../core/result.ts';
import { suggest } from '../core/suggest.ts';
import { type FileFormat, FORMATS, type Format, REPORTERS } from '../report/index.ts';
import type { Recorder, Reporter } from '../report/reporter.ts';
import { advance, INITIAL_STATE, type RunState } from '../report/state.ts';
import { isInWorkflow } from './command-guard.ts';
import { Destination } from './destination.ts';
import type { Program } from './flags.ts';
import type { OpenReport } from './open-report.ts';

/** A requested report; without a file it goes to standard output. */
export interface ReportRequest {
  readonly format: Format;
  readonly file: string | null;
}

/** What reports there are to be, as given on the command line. */
export interface ReportFlags {
  readonly report?: readonly string[];
  /** False: GitHub is told nothing. */
  readonly github?: boolean;
}

/** What has no file: where it goes, and what to do instead of naming one. */
const FIXED: Partial<Record<Format, { readonly message: string; readonly hint: string }>> = {
  terminal: {
    message: 'the terminal report goes to the terminal',
    hint: 'redirect standard output to keep it in a file',
  },
  github: {
    message:
      'the github report goes to GitHub: annotations to the log of the step, a summary to that of the job',
    hint: 'write --report github; GITHUB_STEP_SUMMARY names the file of the summary',
  },
};

const isFile = (format: Format): format is FileFormat => !(format in FIXED);

/** Undefined: standard output. */
const usualFile = (format: Format): string | undefined =>
  isFile(format) ? (REPORTERS[format] as Reporter).file : undefined;

function fileFor(format: Format, file: string | null, cwd: string): string | null {
  const name = file ?? usualFile(format);
  return name === undefined ? null : resolve(cwd, name);
}

/** @param texts the arguments of each `--report`: FORMAT or FORMAT=FILE */
export function parseReports(texts: readonly string[], cwd: string): Result<ReportRequest[], Diagnostic[]> {
  const requests: ReportRequest[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = at === -1 ? text : text.slice(0, at);
    const file = at === -1 ? null : text.slice(at + 1);
    const format = FORMATS.find((candidate) => candidate === name);
    if (format === undefined) {
      const near = suggest(name, FORMATS);
      diagnostics.push({
        message: `there is no report format "${name}"`,
        hint: near === undefined ? `the formats are ${FORMATS.join(', ')}` : `did you mean "${near}"?`,
      });
    } else if (file === '')
      diagnostics.push({
        message: `--report ${text} names no file`,
        hint: `--report ${format}=FILE, or --report ${format} for ${usualFile(format) ?? 'standard output'}`,
      });
    else if (FIXED[format] !== undefined && file !== null) diagnostics.push(FIXED[format]);
    else requests.push({ format, file: fileFor(format, file, cwd) });
  }
  const onOutput = requests.filter(isOnOutput);
  if (onOutput.length > 1) {
    diagnostics.push({
      message: `only one report can go to standard output, but you asked for ${onOutput.map(({ format }) => format).join(' and ')}`,
      hint: `give the others a file: --report ${onOutput[1]?.format}=FILE`,
    });
  }
  for (const [index, { format, file }] of requests.entries()) {
    const other = requests.slice(0, index).find((earlier) => file !== null && earlier.file === file);
    if (other === undefined) continue;
    diagnostics.push({
      message: `the reports ${other.format} and ${format} would both be written to ${file}`,
      hint: 'give each its own file',
    });
  }
  return diagnostics.length > 0 ? err(diagnostics) : ok(requests);
}

const isOnOutput = ({ format, file }: ReportRequest): boolean => isFile(format) && file === null;

/** The format of the report that goes to standard output, if there is one. */
export const reportOnOutput = (requests: readonly ReportRequest[]): Format | undefined =>
  requests.find(isOnOutput)?.format;

/** Whether GitHub is told what comes of a run. */
export const tellsGithub = ({ report = [], github = true }: ReportFlags, env: NodeJS.ProcessEnv): boolean =>
  github && (report.includes('github') || isInWorkflow(env));

/** The reports that are asked for; in a workflow of GitHub, it is told as well, unless that is forbidden. */
export function requestReports(
  flags: ReportFlags,
  { cwd }: Pick<Program, 'cwd'>,
  env: NodeJS.ProcessEnv = process.env,
): Result<readonly ReportRequest[], Diagnostic[]> {
  const requests = parseReports(flags.report ?? [], cwd);
  if (!requests.ok) return requests;
  const isAsked = requests.value.some(({ format }) => format === 'github');
  if (isAsked && flags.github === false)
    return err([
      { message: '--report github and --no-github contradict each other', hint: 'leave out one of them' },
    ]);
  if (isAsked || !tellsGithub(flags, env)) return requests;
  return ok([...requests.value, { format: 'github', file: null }]);
}

/** A report to a file, or to standard output. */
interface FileRequest {
  readonly format: FileFormat;
  readonly file: string | null;
}

async function openReport({ format, file }: FileRequest): Promise<OpenReport> {
  const destination = new Destination(file);
  const reporter: Reporter = REPORTERS[format];
  if (reporter.writes === 'events') {
    const lineOf = await reporter.load();
    return {
      sink: (event) => destination.write(lineOf(event)),
      finish: async () => destination.close(),
    };
  }
  const recorder =
    reporter.writes === 'record'
      ? (await reporter.load())()
      : foldWhole(reporter.writes === 'problems' ? await drawProblems(reporter) : await reporter.load());
  // What the file says should we be killed: at first that nothing is known, then which run it was.
  const provide = async (): Promise<void> => destination.provide(await recorder.draw());
  await provide();
  let provided = Promise.resolve();
  return {
    ...(format === 'html' && file !== null && destination.isFile ? { page: file } : {}),
    sink: (event) => {
      recorder.take(event);
      // If it cannot be drawn, that is told at the end.
      if (event.type === 'run-started') provided = provide().catch(() => undefined);
    },
    finish: async () => {
      await provided;
      destination.write(await recorder.draw());
      return destination.close();
    },
  };
}

/** Its places are relative to the folder of the repository, if the environment says which that is. */
async function drawProblems({
  load,
}: Extract<Reporter, { writes: 'problems' }>): Promise<(state: RunState) => string> {
  const draw = await load();
  const { problemsOf } = await import('../report/problems.ts');
  const { createSources } = await import('./sources.ts');
  const cwd = process.cwd();
  const sources = createSources(process.env.CI_PROJECT_DIR || process.env.GITHUB_WORKSPACE || cwd, cwd);
  return (state) => draw(problemsOf(state, sources));
}

/** Keeps the state of a run, for a report that is drawn from that alone. */
function foldWhole(draw: (state: RunState) => string): Recorder {
  let state: RunState = INITIAL_STATE;
  return {
    take: (event) => {
      state = advance(state, event);
    },
    draw: () => draw(state),
  };
}

/** Opens every report but the terminal's before anything runs, so that a wrong path costs no run. */
export async function openReports(
  requests: readonly ReportRequest[],
): Promise<Result<OpenReport[], Diagnostic[]>> {
  const reports: OpenReport[] = [];
  const diagnostics: Diagnostic[] = [];
  const terminal = reportOnOutput(requests) === undefined ? process.stdout : process.stderr;
  for (const { format, file } of requests) {
    if (format === 'github') {
      const { openGithub } = await import('./github.ts');
      reports.push(openGithub(terminal, process.env, process.cwd()));
    }
    if (!isFile(format)) continue;
    try {
      reports.push(await openReport({ format, file }));
    } catch (error) {
      diagnostics.push({
        message: `the ${format} report cannot be written to ${file}: ${(error as Error).message}`,
        hint: 'choose a file in a folder you can write to',
      });
    }
  }
  return diagnostics.length > 0 ? err(diagnostics) : ok(reports);
}
