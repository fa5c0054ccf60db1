/** Runs one process of a trial to its end; collects what it reported and how far its threads got. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Finding } from '../../core/finding.ts';
import type { StopReason } from '../../core/stop-reason.ts';
import { type Command, type Environment, EXPECT_SUCCESS } from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';
import { readJson } from '../../files/read-json.ts';
import type { Exit } from '../../process/system/exit.ts';
import { sampleTree } from '../../process/system/resources.ts';
import type { ComponentContext } from '../common/context.ts';
import { harnessFile, nodeOf } from '../common/programs.ts';
import { runStep } from '../common/run-step.ts';
import { type HarnessRequest, PHASES, type Phase, RECORD, RECORD_FIELDS } from './protocol.ts';

const HARNESS = harnessFile('harness-threads.js');

/** What one thread was doing when its journal was last written; the first is the main thread. */
export interface ThreadSnapshot {
  readonly phase: Phase;
  /** The call under way, by its number in the survey; null: none. */
  readonly operation: number | null;
  readonly calls: number;
}

/** How one process ended. */
export interface Ended<Report> {
  readonly exit: Exit;
  /** What it printed last. */
  readonly output: readonly string[];
  /** It was ended because it made no progress for too long. */
  readonly stalled: boolean;
  /** What it wrote before it ended; undefined if it did not get that far. */
  readonly report: Report | undefined;
  readonly threads: readonly ThreadSnapshot[];
  /** About its output and what it left behind. */
  readonly findings: readonly Finding[];
}

/** How often to look at the journal, in milliseconds. */
const LOOK_EVERY = 100;
/** How often its CPU time is, which the kernel counts in hundredths of a second. */
const MEASURE_EVERY = 500;
/** A process that uses less of a core than this is only waiting. */
const LEAST_WORK = 0.02;
/** How many times longer a working process may stay silent than a waiting one. */
const AT_WORK = 6;

/** The folder for requests to and reports from the processes of this attempt. */
export function openFolder(context: ComponentContext): string {
  const folder = join(context.directory.path, 'threads', context.id);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A request without its file names, which are chosen here. */
export type Wish = HarnessRequest extends infer Each
  ? Each extends HarnessRequest
    ? Omit<Each, 'report' | 'journal'>
    : never
  : never;

/**
 * Runs a process of the harness for Node.
 *
 * @param name unique within the attempt
 * @param stall how long it may go without a change in its journal, or at all if it has none, before it is ended
 */
export async function runHarness<Report>(
  name: string,
  wish: Wish,
  {
    flags,
    stall,
    folder,
  }: { readonly flags: readonly string[]; readonly stall: Ms; readonly folder: string },
  context: ComponentContext,
): Promise<Ended<Report>> {
  const path = (extension: string): string => join(folder, `${name}.${extension}`);
  const journal = path('journal');
  const request: HarnessRequest = { ...wish, report: path('report.json'), journal } as HarnessRequest;
  writeFileSync(path('json'), JSON.stringify(request));
  const command: Command = { type: 'argv', argv: [nodeOf(context.env), ...flags, HARNESS, path('json')] };
  const ended = await runWatched({ name, command, env: context.env, cwd: folder }, journal, stall, context);
  return { ...ended, report: readJson<Report>(request.report), threads: readJournal(journal) };
}

interface Watched {
  readonly name: string;
  readonly command: Command;
  readonly env: Environment;
  readonly cwd: string;
}

/** Runs a process that is ended when the file that it keeps writing to has not changed for too long. */
export async function runWatched(
  step: Watched,
  progress: string,
  stall: Ms,
  context: ComponentContext,
): Promise<Pick<Ended<never>, 'exit' | 'output' | 'stalled' | 'findings'>> {
  const stuck = new AbortController();
  let root: number | undefined;
  const onStart: ComponentContext['onStart'] = (name) => (started) => {
    root = started.pid;
    context.onStart(name)(started);
  };
  const cpuMs = (): number => (root === undefined ? 0 : (sampleTree(root)?.cpuMs ?? 0));
  const watch = watchProgress(progress, stall, context.clock, cpuMs, () =>
    stuck.abort({ type: 'obsolete', because: `${step.name} is stuck` } satisfies StopReason),
  );
  const signal = AbortSignal.any([context.signal, stuck.signal]);
  const all = await runStep({ ...step, expect: EXPECT_SUCCESS }, { ...context, signal, onStart });
  watch.end();
  const failure = all.find((finding) => finding.code === 'exit-code');
  return {
    exit:
      failure?.code === 'exit-code'
        ? { code: failure.exitCode, signal: signalOf(failure.exitCode, failure.signal) }
        : { code: 0, signal: null },
    output: failure?.evidence ?? [],
    stalled: stuck.signal.aborted,
    findings: all.filter((finding) => finding !== failure),
  };
}

/** A shell, or the wrapper of a namespace, reports a signal as a code above 128. */
function signalOf(code: number | null, signal: string | null): NodeJS.Signals | null {
  const number = (code ?? 0) - 128;
  const named = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return ((signal ?? named) as NodeJS.Signals | undefined) ?? null;
}

/**
 * A process that waits for a lock uses no CPU; one that loads a large module on a busy machine does, and is silent for
 * long. So a working process gets several times as long.
 *
 * @param cpuMs CPU time that the process has used so far
 */
function watchProgress(
  path: string,
  stall: Ms,
  clock: Clock,
  cpuMs: () => number,
  onStall: () => void,
): { readonly end: () => void } {
  let last = '';
  let movedAt = clock.now();
  let workedAt = movedAt;
  let measured = { at: movedAt, cpuMs: 0 };
  const timer = setInterval(() => {
    const at = clock.now();
    const now = readBytes(path).toString('latin1');
    if (now !== last) {
      last = now;
      movedAt = at;
      workedAt = at;
    } else if (at - measured.at >= MEASURE_EVERY) {
      const used = cpuMs();
      if (used - measured.cpuMs >= (at - measured.at) * LEAST_WORK) workedAt = at;
      measured = { at, cpuMs: used };
      if (at - workedAt > stall || at - movedAt > stall * AT_WORK) onStall();
    }
  }, LOOK_EVERY);
  return { end: () => clearInterval(timer) };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

function readJournal(path: string): ThreadSnapshot[] {
  const bytes = readBytes(path);
  const fields = new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~3)));
  return Array.from({ length: Math.floor(fields.length / RECORD_FIELDS) }, (_, thread) => {
    const field = (index: number): number => fields[thread * RECORD_FIELDS + index] ?? 0;
    const operation = field(RECORD.operation);
    return {
      phase: PHASES[field(RECORD.phase)] ?? 'starting',
      operation: operation === 0 ? null : operation - 1,
      calls: field(RECORD.calls),
    };
  });
}
