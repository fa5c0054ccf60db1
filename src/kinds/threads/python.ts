/** A Python function called from many threads, or a script with threads of its own, under a shim that watches it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import type { Environment } from '../../core/suite.ts';
import { type Ms, ms, plural } from '../../core/units.ts';
import { findProgram } from '../../files/find-program.ts';
import { readJson } from '../../files/read-json.ts';
import { describeExit } from '../../process/system/exit.ts';
import type { ComponentContext } from '../common/context.ts';
import { tellGrid } from '../common/grids.ts';
import { harnessFile, pythonOf } from '../common/programs.ts';
import { lostErrors, readLosses, SHIMS } from '../common/unheard.ts';
import type { ThreadsComponent, ThreadsTrial } from './component.ts';
import { judgeGrowth } from './growth.ts';
import { leakFinding, memoryUnwatched } from './module-findings.ts';
import { type Ended, openFolder, runWatched } from './process.ts';
import type { MemorySample } from './protocol.ts';
import { type PythonTried, pythonGrid } from './python-grid.ts';

export type PythonTrial = Extract<ThreadsTrial, { type: 'python' }>;

const SHIM = harnessFile('harness/python/threads.py');

/** Names under which builds of Python without the global lock are installed. */
const FREE_THREADED = ['python3.14t', 'python3.13t'];

const SERIAL_LIMIT = ms(120_000);
/** A script may take as long as its component. */
const NO_LIMIT = ms(Number.POSITIVE_INFINITY);

/** What the shim reports, as far as its mode knows it. */
interface Report {
  readonly debugAllocator: boolean | null;
  /** The words of the import that turned the global lock on; empty: it did not say; null: none did. */
  readonly gilEnabledBy: string | null;
  readonly repeatable?: boolean;
  readonly sharable?: boolean;
  readonly shown?: string;
  /** The words of the error that a serial call raised; null if it raised none. */
  readonly error?: string | null;
  readonly calls?: number;
  readonly wrong?: number;
  readonly mismatches?: readonly PythonMismatch[];
  readonly samples?: readonly MemorySample[];
  readonly threads?: number;
}

interface PythonMismatch {
  readonly worker: number;
  readonly round: number;
  /** Whether its object was one that all threads share; null: it is given none. */
  readonly shared: boolean | null;
  readonly expected: string;
  readonly actual: string;
}

export function runPythonTrial(
  trial: PythonTrial,
  component: ThreadsComponent,
  context: ComponentContext,
): Promise<Finding[]> {
  const env: Environment = { ...context.env, PYTHONUNBUFFERED: '1' };
  const interpreter = pythonOf(env);
  if (interpreter === undefined)
    return Promise.resolve([
      {
        code: 'missing-program',
        message: 'python is not installed, or not on the PATH',
        hint: 'install Python (python3 serves as well), or put the virtual environment on the PATH',
        program: 'python',
      },
    ]);
  return new PythonRun(trial, component, interpreter, env, context).run();
}

class PythonRun {
  readonly #trial: PythonTrial;
  readonly #component: ThreadsComponent;
  readonly #interpreter: string;
  readonly #env: Environment;
  readonly #context: ComponentContext;
  readonly #folder: string;
  readonly #name: string;

  constructor(
    trial: PythonTrial,
    component: ThreadsComponent,
    interpreter: string,
    env: Environment,
    context: ComponentContext,
  ) {
    this.#trial = trial;
    this.#component = component;
    this.#interpreter = interpreter;
    this.#env = env;
    this.#context = context;
    this.#folder = openFolder(context);
    this.#name = trial.target.type === 'function' ? trial.target.name : basename(trial.target.path);
  }

  /** Where a script's lost errors are recorded. */
  get #lost(): string {
    return join(this.#folder, 'lost');
  }

  run(): Promise<Finding[]> {
    return this.#trial.target.type === 'function' ? this.#runFunction() : this.#runScript();
  }

  async #runFunction(): Promise<Finding[]> {
    const serial = await this.#shim('serial', {}, SERIAL_LIMIT);
    const { report } = serial;
    if (this.#context.signal.aborted) return [...serial.findings];
    if (report?.repeatable === undefined) return [this.#cannotLoad(serial), ...serial.findings];
    if (typeof report.error === 'string') return [this.#failsAlone(report.error), ...serial.findings];
    const hammer = await this.#shim(
      'hammer',
      { repeatable: report.repeatable, sharable: report.sharable ?? false },
      this.#component.stall,
    );
    if (this.#context.signal.aborted) return [...serial.findings, ...hammer.findings];
    const findings = this.#judgeHammer(hammer);
    if (!report.repeatable) findings.push(this.#nothingCompared());
    const lock = this.#judgeLock(report);
    const free = await this.#tryFreeThreaded();
    const preset = this.#judgePreset(report);
    const often = findings.length === 0 ? await this.#watchMemory() : null;
    const { workers: threads, rounds } = this.#trial;
    const tried = {
      ...{ name: this.#name, interpreter: this.#interpreter, threads, rounds, free, often },
      ...{ calls: hammer.report?.calls ?? 0, alone: [...lock, ...preset], together: findings },
    };
    if (!this.#context.signal.aborted) tellGrid(pythonGrid(tried, this.#context), this.#context);
    return [...findings, ...lock, ...(free?.findings ?? []), ...preset, ...(often ?? [])];
  }

  async #runScript(): Promise<Finding[]> {
    mkdirSync(this.#lost, { recursive: true });
    const ended = await this.#shim('script', {}, NO_LIMIT);
    const { report, exit, output } = ended;
    const findings: Finding[] = [...ended.findings];
    if (this.#context.signal.aborted || report === undefined) return findings;
    if (exit.code !== 0)
      findings.push({
        code: 'exit-code',
        step: this.#name,
        message: `${this.#name} ${describeExit(exit)}: ${output.at(-1) ?? 'and printed nothing'}`,
        evidence: output,
        exitCode: exit.code,
        signal: exit.signal,
      });
    else if (report.threads === 0)
      findings.push({
        code: 'zero-work',
        message: `${this.#name} started no thread`,
        hint: 'name a function instead, as module:function, and it will be called from many threads',
      });
    if (exit.code === 0) findings.push(...lostErrors(this.#name, 'python', readLosses(this.#lost)));
    return [...findings, ...this.#judgePreset(report)];
  }

  async #shim(
    mode: 'serial' | 'hammer' | 'memory' | 'script',
    more: { readonly repeatable?: boolean; readonly sharable?: boolean },
    stall: Ms,
    interpreter = this.#interpreter,
  ): Promise<Ended<Report>> {
    const { target, workers, rounds, inputs } = this.#trial;
    const name = interpreter === this.#interpreter ? mode : `${mode}-${interpreter}`;
    const path = (file: string): string => join(this.#folder, file);
    const request = {
      mode,
      cwd: this.#component.cwd,
      function: target.type === 'function' ? target.name : null,
      script: target.type === 'script' ? target.path : null,
      inputs,
      workers,
      rounds,
      report: path(`${name}.report.json`),
      journal: path(`${name}.journal`),
      faults: path(`${name}.faults`),
      shims: SHIMS,
      lost: this.#lost,
      expected: path('expected.pickle'),
      ...more,
    };
    writeFileSync(path(`${name}.json`), JSON.stringify(request));
    const command = { type: 'argv', argv: [interpreter, SHIM, path(`${name}.json`)] } as const;
    const step = { name, command, cwd: this.#component.cwd, env: this.#env };
    const ended = await runWatched(step, request.journal, stall, this.#context);
    const output = [...whereItCrashed(request.faults), ...ended.output];
    return { ...ended, output, report: readJson<Report>(request.report), threads: [] };
  }

  #cannotLoad({ stalled, exit, output }: Ended<Report>): Finding {
    const how = stalled ? 'got stuck' : describeExit(exit);
    return {
      code: 'cannot-load',
      message: `${this.#name} cannot be tried: a serial call of it ${how}: ${output.at(-1) ?? 'and printed nothing'}`,
      evidence: output,
    };
  }

  /** If all threads raised this error too, that would show nothing more. */
  #failsAlone(error: string): Finding {
    return {
      code: 'cannot-load',
      message: `${this.#name} fails even when it is called alone: ${error}`,
      hint: 'have it catch the errors that are meant to be raised, and return what shows that they were',
    };
  }

  #judgeHammer({ report, exit, stalled, output, findings }: Ended<Report>): Finding[] {
    const { workers, rounds } = this.#trial;
    const again = `the same again: ${this.#context.reproduce}`;
    const found = [...findings];
    const where = `${plural(workers, 'thread')}, ${plural(rounds, 'round')}`;
    if (stalled) {
      const message = `${this.#name} got stuck when it was called from several threads (${where})`;
      found.push({
        code: 'thread-hang',
        message,
        evidence: output,
        hint: again,
        waitedMs: this.#component.stall,
      });
    } else if (exit.code !== 0 || report === undefined) {
      const message = `${this.#name} crashed when it was called from several threads: the process ${describeExit(exit)} (${where})`;
      found.push({
        code: 'thread-crash',
        message,
        evidence: output,
        hint: again,
        exitCode: exit.code,
        signal: exit.signal,
      });
    }
    const [first] = report?.mismatches ?? [];
    if (report?.wrong !== undefined && report.wrong > 0 && first !== undefined)
      found.push({
        code: 'wrong-result',
        message: `${this.#name} gave ${first.actual} in thread ${first.worker}, round ${first.round}, and ${first.expected} serially (${plural(report.wrong, 'wrong result')} in ${plural(report.calls ?? 0, 'call')})`,
        evidence: (report.mismatches ?? []).map(
          (each) => `thread ${each.worker}, round ${each.round}${given(each)}: ${each.actual}`,
        ),
        hint: again,
        count: report.wrong,
      });
    return found;
  }

  #nothingCompared(): Finding {
    return {
      code: 'nothing-compared',
      message: `no result of ${this.#name} could be compared: every serial call gives a different one`,
      hint: 'have it return something repeatable, or check its own result and return nothing',
    };
  }

  #judgeLock({ gilEnabledBy }: Report): Finding[] {
    if (gilEnabledBy === null) return [];
    const module = /load module '([^']+)'/.exec(gilEnabledBy)?.[1] ?? null;
    return [
      {
        code: 'gil-enabled',
        message: `importing ${module ?? this.#name} turns the global interpreter lock of a free-threaded Python back on`,
        evidence: gilEnabledBy === '' ? [] : [gilEnabledBy],
        hint: 'an extension module must declare Py_MOD_GIL_NOT_USED',
        module,
      },
    ];
  }

  /** Tries it in such a build, if one is available; it does not matter if the package is not installed for it. */
  async #tryFreeThreaded(): Promise<PythonTried['free']> {
    const build = FREE_THREADED.find((name) => findProgram(name, this.#env.PATH) !== undefined);
    if (build === undefined || this.#context.signal.aborted) return undefined;
    const { report } = await this.#shim('serial', {}, SERIAL_LIMIT, build);
    return report === undefined ? undefined : { build, findings: this.#judgeLock(report) };
  }

  #judgePreset({ debugAllocator }: Report): Finding[] {
    const wanted = this.#env.PYTHONMALLOC;
    if (wanted === undefined || !wanted.endsWith('debug') || debugAllocator === true) return [];
    return [
      {
        code: 'preset-not-in-force',
        message: `PYTHONMALLOC=${wanted} was asked for, and ${debugAllocator === null ? 'this interpreter cannot tell whether it is in use' : 'the debugging allocator is not in use'}`,
        hint: `see what ${this.#interpreter} is: a wrapper that clears the environment, or options such as -E and -I, disable it`,
        preset: `PYTHONMALLOC=${wanted}`,
      },
    ];
  }

  async #watchMemory(): Promise<Finding[]> {
    const { report } = await this.#shim('memory', {}, SERIAL_LIMIT);
    const samples = report?.samples ?? [];
    if (report?.samples?.length === 0) return [memoryUnwatched(this.#name)];
    return judgeGrowth(samples).leaks ? [leakFinding(this.#name, samples, this.#context)] : [];
  }
}

function given({ shared }: PythonMismatch): string {
  if (shared === null) return '';
  return shared ? ', given what all threads share' : ', given an object of its own';
}

/** What Python's fault handler wrote: what happened, and the stack of the thread it happened to. */
function whereItCrashed(faults: string): string[] {
  let lines: string[];
  try {
    lines = readFileSync(faults, 'utf8').split('\n');
  } catch {
    return [];
  }
  const thread = lines.findIndex((line) => line.startsWith('Current thread'));
  const frames = lines.slice(thread + 1);
  const end = frames.findIndex((line) => !line.startsWith('  '));
  return thread === -1 ? [] : [...lines.slice(0, 1), ...frames.slice(0, end)];
}
