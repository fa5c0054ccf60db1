import type { Finding, ProcessSighting } from '../../core/finding.ts';
import { firstError } from '../../core/first-error.ts';
import { headline } from '../../core/headline.ts';
import { lastWords } from '../../core/last-words.ts';
import { type LeaverSource, leftBehind, mayBeLeft, notEnded, type Survivor } from '../../core/leftovers.ts';
import { ok } from '../../core/result.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { stopReason, timedOut } from '../../core/stop-reason.ts';
import { type Command, type Environment, type Expectation, showCommand } from '../../core/suite.ts';
import { tapFailure } from '../../core/tap.ts';
import type { Ms } from '../../core/units.ts';
import { judgeOutput, outputWatches } from '../../process/output/judge.ts';
import type { OutputScanner } from '../../process/output/scanner.ts';
import { failedTest, TAP_FAILURES } from '../../process/output/tap-failures.ts';
import { TEST_RUNS, withoutTests } from '../../process/output/test-runs.ts';
import type { CommandOwner, Entrance, Held } from '../../process/ownership/command-owner.ts';
import { awaitEnd, type OwnedCommand, openStage, type Running, startOwned } from '../../process/run-owned.ts';
import { describeExit, type Exit } from '../../process/system/exit.ts';
import { explainLineEnds, startFinding } from '../../process/system/start-failure.ts';
import { linePattern } from '../../text/bounded-pattern.ts';
import { CACHED_TESTS, cachedTests } from './cached-tests.ts';
import type { ComponentContext } from './context.ts';
import { explainSilence, withoutEchoes } from './recipe.ts';
import { failuresOf, judgeTests, untoldTests } from './tests/judge-tests.ts';
import { NO_TESTS, StepTests, type TestedStep, type ToldTests } from './tests/step-tests.ts';

/** A command that a component runs to its end. */
export interface Step {
  readonly name: string;
  /** Its name in messages. Default: `name`. */
  readonly title?: string;
  readonly command: Command;
  readonly cwd: string;
  readonly env: Environment;
  readonly expect: Expectation;
  /** Its single tests are told, if they are known; absent: nobody wants to know. */
  readonly tests?: Pick<TestedStep, 'results'>;
  /** What starts it in other surroundings. */
  readonly entrance?: Entrance | undefined;
}

const SEARCHED_LINES = 400;

const commandOf = (
  { name, command, cwd, env, expect, entrance }: Step,
  { id }: ComponentContext,
): OwnedCommand => ({
  ...{ command, cwd, env, entrance, step: name, owner: `${id}/${name}` },
  watches: [...outputWatches(expect), ...TEST_RUNS, ...CACHED_TESTS, TAP_FAILURES],
  allow: expect.allow.map(linePattern),
});

/** A step that was started early, and waits to be released and run, or dropped. */
export interface HeldStep {
  /** Releases it; it must be run at once. */
  readonly release: () => void;
  /** Hands it over to be run; undefined if it has to be started anew. */
  readonly take: () => Promise<Running | undefined>;
  /** Ends it as if it had never existed. */
  readonly drop: () => Promise<void>;
  /** Its tests, from before it is released. */
  readonly tests: StepTests | undefined;
}

/**
 * Starts a step early. Until it is run, it is not reported to anybody, and not judged.
 *
 * @returns undefined if it cannot be started before it is due
 */
export async function holdStep(step: Step, context: ComponentContext): Promise<HeldStep | undefined> {
  const tests = await testsOf(step, context);
  const stage = openStage(commandOf(step, context), context);
  const held = await stage.owner.hold(step.command, stage.options);
  const end = async (): Promise<void> => void (await stage.owner.end(0 as Ms));
  if (held === undefined) {
    await end();
    return undefined;
  }
  let begin: ReturnType<Held['release']>;
  let isReleased = false;
  const release = (): void => {
    if (!isReleased) begin = held.release();
    isReleased = true;
  };
  return {
    tests,
    release,
    take: async () => {
      release();
      if (begin !== undefined) {
        context.onOwner({ step: step.name, owner: stage.owner, scanner: stage.scanner });
        return { ...stage, root: begin(context.onStart(step.name)) };
      }
      await end();
      return undefined;
    },
    drop: async () => {
      if (!isReleased) held.drop();
      await end();
    },
  };
}

const testsOf = async (
  { tests, ...step }: Step,
  { signal }: ComponentContext,
): Promise<StepTests | undefined> =>
  tests === undefined ? undefined : StepTests.begin({ ...step, ...tests }, signal);

/**
 * Runs a command to its end, judges how it ended, what it printed and what it left behind, and ends what it left.
 *
 * @param ahead the same step, if it was started early
 * @returns the findings; empty when all is well. After an abort, what its reason says about the step
 */
export async function runStep(step: Step, context: ComponentContext, ahead?: HeldStep): Promise<Finding[]> {
  const tests = ahead?.tests ?? (await testsOf(step, context));
  const taken = await ahead?.take();
  const begun = taken === undefined ? await startOwned(commandOf(step, context), context) : ok(taken);
  if (!begun.ok) return [startFinding(step.name, begun.error)];
  const { owner, scanner, root } = begun.value;
  const { exit, durationMs, snapshot } = await awaitEnd(begun.value, context.signal, context);
  const { leftovers, survivors } = await finish(step.name, owner, exit !== undefined, context);
  const final = root.exit();
  context.emit({
    type: 'step-finished',
    component: context.component,
    step: step.name,
    command: showCommand(step.command),
    exitCode: final?.code ?? null,
    signal: final?.signal ?? null,
    durationMs,
    lines: scanner.lines,
  });
  const title = titleOf(step);
  const told = (await tests?.told(context)) ?? NO_TESTS;
  const { component, attempt } = context;
  if (told.results !== undefined)
    context.emit({ type: 'tests-finished', component, attempt, tests: told.results });
  const findings =
    exit === undefined
      ? stopped(step, scanner, snapshot, context)
      : [...judge(step, exit, scanner, told), ...untoldTests(step, told)];
  if (leftovers !== null) findings.push(leftBehind(title, leftovers, leaverOf(context), step.name));
  findings.push(...notEnded(title, survivors, step.name));
  return findings;
}

const leaverOf = ({ leave, source }: ComponentContext): LeaverSource => (leave === null ? 'none' : source);

const titleOf = ({ name, title }: Step): string => title ?? name;

interface Remains {
  /** What a command that has ended left behind, and what was ended; null when it left nothing. */
  readonly leftovers: readonly ProcessSighting[] | null;
  /** What could not be ended. */
  readonly survivors: readonly Survivor[];
}

/** Ends what is left: nothing should be left of a command that has ended, but everything is of one that is stopped. */
async function finish(
  step: string,
  owner: CommandOwner,
  hasExited: boolean,
  context: ComponentContext,
): Promise<Remains> {
  const mayStay = (command: string): boolean => mayBeLeft(command, context.leave ?? []);
  const leftovers = hasExited ? await owner.leftovers(context.signal, mayStay) : null;
  if (leftovers === undefined) {
    await owner.release();
    return { leftovers: null, survivors: [] };
  }
  const manner = { onSend: context.onSignal(step) };
  const { survivors } = await owner.end(context.grace, context.hurry, manner);
  if (leftovers === null || leftovers.areAllowed) return { leftovers: null, survivors };
  return { leftovers: withoutSurvivors(leftovers.processes, survivors), survivors };
}

/** Leaves out what could not be ended, since the finding says that leftovers were. Null if nothing else is left. */
function withoutSurvivors(
  leftovers: readonly ProcessSighting[],
  survivors: readonly Survivor[],
): readonly ProcessSighting[] | null {
  if (survivors.length === 0) return leftovers;
  const ended = leftovers.filter(({ pid }) => !survivors.some((survivor) => survivor.pid === pid));
  return ended.length === 0 ? null : ended;
}

/** `0`, `0 or 2`, `0 to 125 or 255`. */
function showCodes(codes: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const code of codes) {
    const run = runs.at(-1);
    if (run !== undefined && code === run[1] + 1) run[1] = code;
    else runs.push([code, code]);
  }
  return runs
    .flatMap(([from, to]) => (to - from < 2 ? [...new Set([from, to])].map(String) : [`${from} to ${to}`]))
    .join(' or ');
}

/** Whether the line that tells most is a runner's, which found nothing to run. */
const isEmpty = (scanner: OutputScanner, step: Step, cause: string | undefined): boolean =>
  cause !== undefined && withoutTests(scanner, step).some(({ message }) => message.includes(cause));

function judge(step: Step, exit: Exit, scanner: OutputScanner, tests: ToldTests): Finding[] {
  if (exit.code !== null && step.expect.exitCodes.includes(exit.code))
    return [
      ...judgeOutput(scanner, step.expect, { ...step, exitCode: exit.code }),
      ...judgeTests(step, exit.code, scanner, tests),
      ...cachedTests(scanner, step),
    ];
  const tail = scanner.tail(SEARCHED_LINES);
  const lines = failedTest(scanner, tail) ?? tail;
  const cause = headline(withoutEchoes(lines, step.cwd));
  const failures = tests.results === undefined ? undefined : failuresOf(tests.results, cause);
  const reason = failures?.message ?? (isEmpty(scanner, step, cause) ? `no test ran: ${cause}` : cause);
  const wanted = showCodes(step.expect.exitCodes);
  const expected = wanted === '0' ? '' : `, expected ${wanted}`;
  const hint = explainLineEnds(step.command, step.cwd, exit.code) ?? explainSilence(lines, step.cwd);
  return [
    {
      code: 'exit-code',
      step: step.name,
      message: `${titleOf(step)} ${describeExit(exit)}${expected}${reason === undefined ? ' and printed nothing' : `: ${reason}`}`,
      evidence:
        failures?.evidence ??
        (cause === undefined ? undefined : tapFailure(lines, cause)) ??
        lastWords(lines, cause),
      ...(hint === undefined ? {} : { hint }),
      exitCode: exit.code,
      signal: exit.signal,
    },
  ];
}

function stopped(
  step: Step,
  scanner: OutputScanner,
  snapshot: Snapshot | undefined,
  context: ComponentContext,
): Finding[] {
  const reason = stopReason(context.signal);
  if (reason?.type !== 'timeout' || snapshot === undefined) return [];
  const lines = scanner.tail(SEARCHED_LINES);
  return [
    {
      ...timedOut(titleOf(step), reason.limit, snapshot),
      step: step.name,
      evidence: lastWords(lines, firstError(lines)),
      hint: `raise it with --timeout${context.source === 'convention' ? '' : ', or `timeout` in the config,'} if it needs longer`,
    },
  ];
}
