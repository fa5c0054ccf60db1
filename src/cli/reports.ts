/** Where reports go: the requested formats, and their files. */
import { resolve } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { err, ok, type Result } from '../core/result.ts';
import { suggest } from '../core/suggest.ts';
import type { EventSink } from '../engine/emitter.ts';
import { type FileFormat, FORMATS, type Format, REPORTERS } from '../report/index.ts';
import type { Recorder, Reporter } from '../report/reporter.ts';
import { advance, INITIAL_STATE, type RunState } from '../report/state.ts';
import { Destination, type Incomplete } from './destination.ts';

/** A requested report; without a file it goes to standard output. */
export interface ReportRequest {
  readonly format: Format;
  readonly file: string | null;
}

/** Undefined: standard output. */
const usualFile = (format: Format): string | undefined =>
  format === 'terminal' ? undefined : (REPORTERS[format] as Reporter).file;

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
    else if (format === 'terminal' && file !== null)
      diagnostics.push({
        message: 'the terminal report goes to the terminal',
        hint: 'redirect standard output to keep it in a file',
      });
    else requests.push({ format, file: fileFor(format, file, cwd) });
  }
  const onOutput = requests.filter(({ format, file }) => format !== 'terminal' && file === null);
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

/** A report to a file, or to standard output. */
interface FileRequest extends ReportRequest {
  readonly format: FileFormat;
}

export interface OpenReport {
  readonly sink: EventSink;
  /** Writes what is left; returns why the report is incomplete, if it is. */
  readonly finish: () => Promise<Incomplete | undefined>;
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
    reporter.writes === 'record' ? (await reporter.load())() : foldWhole(await reporter.load());
  // What the file says should we be killed.
  destination.provide(await recorder.draw());
  return {
    sink: recorder.take,
    finish: async () => {
      destination.write(await recorder.draw());
      return destination.close();
    },
  };
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
  for (const { format, file } of requests) {
    if (format === 'terminal') continue;
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
