/**
 * Uses a module from several threads: every order of loading × every way to end × idle or in the middle of calls. Each
 * combination has a process of its own, so that a crash is a finding and not the end.
 */
import { availableParallelism } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { type Ms, ms } from '../../core/units.ts';
import type { ComponentContext } from '../common/context.ts';
import { tellGrid } from '../common/grids.ts';
import { cellPlans } from './cells.ts';
import type { ModuleTrial, ThreadsComponent } from './component.ts';
import { type CellPlan, type Failure, failureOf } from './failure.ts';
import type { SmallestFailure } from './findings.ts';
import { type Explained, moduleGrid, type TriedCell } from './grid.ts';
import { group } from './group.ts';
import { judgeGrowth } from './growth.ts';
import {
  leakFinding,
  memoryUnwatched,
  serialCrash,
  surveyFindings,
  threadFinding,
} from './module-findings.ts';
import { type Ended, openFolder, runHarness } from './process.ts';
import type { Cell, CellReport, MemorySample, Survey } from './protocol.ts';
import { sideBySide } from './side-by-side.ts';

/** How long a process may take that does everything once, or that reports nothing before it ends. */
const SERIAL_LIMIT = ms(120_000);

/** How often a crash is replayed before it is reported as it was first seen. */
const REPLAYS = 3;
const SHRINK_RUNS = 10;
const SHRINK_TIME = ms(20_000);
/** Further causes are reported without a search for the smallest failure. */
const SHRUNK_CAUSES = 2;

export function runModuleTrial(
  trial: ModuleTrial,
  { cwd, stall }: ThreadsComponent,
  context: ComponentContext,
): Promise<Finding[]> {
  return new ModuleRun(trial, cwd, stall, context).run();
}

class ModuleRun {
  readonly #trial: ModuleTrial;
  readonly #cwd: string;
  readonly #stall: Ms;
  readonly #context: ComponentContext;
  readonly #folder: string;
  /** The module as people call it. */
  readonly #name: string;
  #isStuck = false;

  constructor(trial: ModuleTrial, cwd: string, stall: Ms, context: ComponentContext) {
    this.#trial = trial;
    this.#cwd = cwd;
    this.#stall = stall;
    this.#context = context;
    this.#folder = openFolder(context);
    const inside = relative(cwd, trial.module);
    this.#name = isAbsolute(trial.module) && !inside.startsWith('..') ? inside : trial.module;
  }

  async run(): Promise<Finding[]> {
    const context = this.#context;
    const surveyed = await this.#survey();
    const survey = surveyed.report;
    if (context.signal.aborted) return [...surveyed.findings];
    const ahead = surveyFindings(this.#name, this.#trial, surveyed);
    if (
      survey === undefined ||
      ahead.some(({ code }) => code !== 'not-repeatable' && code !== 'nothing-compared')
    )
      return ahead;
    const plans = cellPlans(this.#trial, survey, context.seed);
    const [tried, leaks] = await Promise.all([this.#tryAll(plans), this.#watchMemory(survey)]);
    if (context.signal.aborted) return [];
    const explained = await this.#explain(tried, survey);
    // A trial of calls has a single cell, which its finding tells.
    if (this.#trial.extent !== 'calls' && !context.signal.aborted)
      tellGrid(moduleGrid(this.#name, plans, tried, explained, survey, context), context);
    const told = explained.map(({ finding }) => finding);
    const apart = tried.flatMap(({ findings }) => findings);
    // What every process prints or leaves behind alike is reported once.
    const once = [...new Map(apart.map((finding) => [finding.code, finding])).values()];
    // If threads crashed, too, a crash after many serial calls has already been reported.
    const isTold = told.some(({ code }) => code === 'thread-crash');
    return [...told, ...once, ...leaks.filter(({ code }) => code !== 'exit-code' || !isTold), ...ahead];
  }

  #survey(): Promise<Ended<Survey>> {
    const { module, exports, inputs, oracle, iterations } = this.#trial;
    const callAll = iterations !== null;
    const wish = { type: 'survey', module, cwd: this.#cwd, exports, inputs, oracle, callAll } as const;
    return runHarness<Survey>(
      'survey',
      wish,
      { flags: ['--experimental-import-meta-resolve'], stall: SERIAL_LIMIT, folder: this.#folder },
      this.#context,
    );
  }

  async #tryAll(plans: readonly CellPlan[]): Promise<TriedCell[]> {
    const lanes = Math.min(4, availableParallelism());
    const tried = await sideBySide(plans, lanes, async (plan): Promise<TriedCell[]> => {
      if (this.#isStuck || this.#context.signal.aborted) return [];
      const { order, door, state } = plan.cell;
      const ended = await this.#runCell(plan, `${order}.${door}.${state}`);
      // The others would most likely get stuck as well, and each costs time.
      this.#isStuck ||= ended.stalled;
      const { findings, report } = ended;
      return [{ plan, failure: failureOf(plan, ended), findings, calls: report?.calls ?? 0 }];
    });
    return tried.flat();
  }

  #runCell(
    plan: CellPlan,
    name: string,
    { exact, empty } = { exact: false, empty: false },
  ): Promise<Ended<CellReport>> {
    return runHarness<CellReport>(
      name,
      { type: 'cell', survey: join(this.#folder, 'survey.report.json'), ...plan, exact, empty },
      { flags: [], stall: this.#stall, folder: this.#folder },
      this.#context,
    );
  }

  /** One finding for each cause, with the first cell in which it occurred. */
  async #explain(tried: readonly TriedCell[], survey: Survey): Promise<Explained[]> {
    const failures = tried.flatMap(({ failure }) => failure ?? []);
    const byCause = group(failures, ({ code, cause }) => `${code} ${cause}`);
    const explained: Explained[] = [];
    for (const alike of byCause.values()) {
      const [first] = alike;
      if (first === undefined || this.#context.signal.aborted) continue;
      const number = explained.length + 1;
      const failed = alike.map(({ plan }) => plan.cell);
      if (await this.#failsEmpty(first, number)) {
        explained.push({ alike, finding: controlFinding(first, failed) });
        continue;
      }
      const shrinks = this.#trial.extent !== 'calls' && number <= SHRUNK_CAUSES;
      const { failure, smallest, recurred } = await this.#narrow(first, number, shrinks);
      const facts = {
        module: this.#name,
        survey,
        failed,
        tried: tried.map(({ plan }) => plan.cell),
        smallest: smallest === null ? null : inWords(smallest, survey),
        context: this.#context,
        stall: this.#stall,
        recurred,
      };
      explained.push({ alike, finding: threadFinding(failure, facts) });
    }
    return explained;
  }

  /** The control: the same cell without the module. */
  async #failsEmpty({ plan, code }: Failure, number: number): Promise<boolean> {
    const empty = { ...plan, operations: [], calls: 0 };
    const ended = await this.#runCell(empty, `control-${number}`, { exact: false, empty: true });
    return failureOf(empty, ended)?.code === code;
  }

  /**
   * Removes what the failure does not need (workers, operations, calls), greedily and within bounds. In between it writes
   * down each call before making it: only then is it certain which one crashed, and fewer threads make it clearer.
   */
  async #narrow(first: Failure, number: number, shrinks: boolean): Promise<Narrowed> {
    const { clock, signal } = this.#context;
    const until = clock.now() + SHRINK_TIME;
    let runs = 0;
    let smallest = first.plan;
    const stillFails = async (plan: CellPlan): Promise<boolean> => {
      if (!shrinks || runs === SHRINK_RUNS || clock.now() > until || signal.aborted) return false;
      runs += 1;
      const again = failureOf(plan, await this.#runCell(plan, `smaller-${number}-${runs}`));
      if (again?.code !== first.code) return false;
      smallest = plan;
      return true;
    };
    const isInCall = first.threads.some(({ phase }) => phase === 'calling');
    const isAboutCalls = first.code === 'wrong-result' || isInCall;
    if (!isAboutCalls && smallest.operations.length > 0)
      await stillFails({ ...smallest, operations: [], calls: 0 });
    for (let workers = 1; workers < first.plan.workers; workers++)
      if (await stillFails({ ...smallest, workers })) break;
    const isCertain = first.code !== 'thread-crash' || !isInCall;
    const replayed = isCertain ? first : await this.#replay(first, smallest, number);
    const failure = replayed ?? first;
    const { operation } = failure;
    if (operation !== null && smallest.operations.length > 1)
      await stillFails({ ...smallest, operations: [operation] });
    while (smallest.calls > 1 && (await stillFails({ ...smallest, calls: Math.ceil(smallest.calls / 4) })));
    return { failure, smallest: shrinks ? smallest : null, recurred: replayed !== undefined };
  }

  /** Repeats it with each call written down before it is made; undefined if it does not happen again. */
  async #replay({ code }: Failure, plan: CellPlan, number: number): Promise<Failure | undefined> {
    for (let replay = 1; replay <= REPLAYS && !this.#context.signal.aborted; replay++) {
      const ended = await this.#runCell(plan, `replay-${number}-${replay}`, { exact: true, empty: false });
      const again = failureOf(plan, ended);
      if (again?.code === code && again.operation !== null) return again;
    }
    return undefined;
  }

  async #watchMemory(survey: Survey): Promise<Finding[]> {
    const all = survey.operations.map((_, index) => index);
    if (all.length === 0 || this.#trial.extent === 'calls') return [];
    const leaks = ({ report }: Ended<readonly MemorySample[]>) =>
      judgeGrowth(report ?? []).leaks ? report : undefined;
    const together = await this.#runLeak(all, 'memory');
    if (together.exit.code !== 0 && !together.stalled) return [serialCrash(this.#name, together)];
    if (together.report?.length === 0) return [memoryUnwatched(this.#name)];
    const samples = leaks(together);
    if (samples === undefined) return [];
    // Trying each function alone shows which of them it is.
    const byName = group(all, (index) => survey.operations[index]?.name ?? '');
    for (const [name, operations] of byName.size > 1 ? byName : []) {
      const own = leaks(await this.#runLeak(operations, `memory-${name}`));
      if (own !== undefined) return [leakFinding(name, own, this.#context)];
    }
    const [name = ''] = byName.keys();
    return [leakFinding(byName.size > 1 ? null : name, samples, this.#context)];
  }

  #runLeak(operations: readonly number[], name: string): Promise<Ended<readonly MemorySample[]>> {
    const flags = ['--expose-gc', '--max-semi-space-size=1'];
    return runHarness<readonly MemorySample[]>(
      name,
      {
        type: 'leak',
        survey: join(this.#folder, 'survey.report.json'),
        operations,
        seed: this.#context.seed,
      },
      { flags, stall: SERIAL_LIMIT, folder: this.#folder },
      this.#context,
    );
  }
}

/** A failure, located as exactly as possible. */
interface Narrowed {
  readonly failure: Failure;
  /** The smallest trial that still failed; null if none was looked for. */
  readonly smallest: CellPlan | null;
  /** It happened again when it was replayed to see which call was under way. */
  readonly recurred: boolean;
}

function inWords({ workers, operations, calls }: CellPlan, survey: Survey): SmallestFailure {
  return {
    workers,
    operations: operations.map((each) => survey.operations[each]?.label ?? ''),
    callsEach: operations.length === 0 ? 0 : calls,
  };
}

function controlFinding({ what }: Failure, cells: readonly Cell[]): Finding {
  return {
    code: 'control-failed',
    message: `some of the trial says nothing: empty workers fail in the same way (${what})`,
    hint: 'look at the machine and the Node in use; the module was not loaded there',
    cells,
  };
}
