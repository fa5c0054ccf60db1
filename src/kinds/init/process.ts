/** Runs one process that loads a module and uses it for the first time. */
import type { Finding } from '../../core/finding.ts';
import { headline } from '../../core/headline.ts';
import { quote } from '../../core/quote.ts';
import type { StopReason } from '../../core/stop-reason.ts';
import { showCommand } from '../../core/suite.ts';
import { formatDuration, ms } from '../../core/units.ts';
import { readJson } from '../../files/read-json.ts';
import type { OwnedStep } from '../../process/inspection/owned-step.ts';
import { askForStacks } from '../../process/inspection/stacks.ts';
import { describeExit } from '../../process/system/exit.ts';
import { sampleTree } from '../../process/system/resources.ts';
import type { ComponentContext } from '../common/context.ts';
import { foreignNeed, notForHere } from '../common/other-runtimes.ts';
import { runStep, type Step } from '../common/run-step.ts';
import type { InitComponent } from './component.ts';
import { untilHung } from './hang.ts';
import type { Argv } from './program.ts';
import { GATE_VARIABLE, type InitReport, NOTHING_DONE, REPORT_VARIABLE } from './protocol.ts';

export interface InitProcess {
  /** Its name in findings and in the log. */
  readonly name: string;
  readonly argv: Argv;
  /** Path of its report. */
  readonly report: string;
  /** Path of the gate that it waits at; null: it starts at once. */
  readonly gate: string | null;
}

export interface Tried {
  readonly findings: readonly Finding[];
  readonly report: InitReport;
}

const SEARCHED_LINES = 400;
const EVIDENCE_LINES = 15;

/** The command as a user could type it in any folder. */
export const reproduction = (cwd: string, argv: Argv): string =>
  `cd ${quote(cwd)} && ${showCommand({ type: 'argv', argv })}`;

/** @param released resolves when its time limit starts to count */
export async function tryProcess(
  trial: InitProcess,
  component: InitComponent,
  context: ComponentContext,
  released: Promise<void> = Promise.resolve(),
): Promise<Tried> {
  let owned: OwnedStep | undefined;
  let root: number | undefined;
  const end = new AbortController();
  const over = new AbortController();
  const read = (): InitReport => readJson<InitReport>(trial.report) ?? NOTHING_DONE;
  const cpuMs = (): number => (root === undefined ? 0 : (sampleTree(root)?.cpuMs ?? 0));
  const hang = released.then(() => untilHung(read, component.hangAfter, context.clock, cpuMs, over.signal));
  const ended = runStep(stepOf(trial, component, context), {
    ...context,
    signal: AbortSignal.any([context.signal, end.signal]),
    onStart: (name) => (started) => {
      root = started.pid;
      context.onStart(name)(started);
    },
    onOwner: (step) => {
      owned = step;
      context.onOwner(step);
    },
  });
  const first = await Promise.race([hang, ended]);
  if (typeof first === 'number' && owned !== undefined) {
    const report = read();
    const finding = await hungFinding(trial, owned, report, first, component, context);
    end.abort({ type: 'obsolete', because: `${trial.name} does not exit` } satisfies StopReason);
    const left = (await ended).filter(({ code }) => code === 'leaked-process');
    return { findings: [finding, ...left], report };
  }
  const findings = await ended;
  over.abort();
  const report = read();
  return { findings: judge(findings, trial, owned, report, component, context), report };
}

function stepOf(trial: InitProcess, { cwd, expect }: InitComponent, context: ComponentContext): Step {
  const gate = trial.gate === null ? {} : { [GATE_VARIABLE]: trial.gate };
  return {
    name: trial.name,
    command: { type: 'argv', argv: trial.argv },
    cwd,
    env: { ...context.env, [REPORT_VARIABLE]: trial.report, ...gate },
    expect,
  };
}

async function hungFinding(
  trial: InitProcess,
  owned: OwnedStep,
  report: InitReport,
  waitedMs: number,
  component: InitComponent,
  context: ComponentContext,
): Promise<Finding> {
  const said = owned.scanner.tail(EVIDENCE_LINES);
  const stacks = (await askForStacks([owned], context.clock, context.hurry)).flatMap(({ pid, lines }) => [
    `process ${pid}:`,
    ...lines,
  ]);
  const waited = formatDuration(waitedMs);
  const open = report.open.length === 0 ? '' : `: ${report.open.join(', ')} kept it alive`;
  return {
    code: 'init-hang',
    step: trial.name,
    message:
      report.doing === null
        ? `${trial.name} had finished its work but did not exit within ${waited}${open}`
        : `${trial.name} hung for ${waited} while ${report.doing}`,
    evidence: [...said, ...stacks],
    hint: `run it by itself: ${reproduction(component.cwd, trial.argv)}`,
    doing: report.doing,
    waitedMs: ms(waitedMs),
  };
}

/** The error code that Node prints among an error's properties. */
const codeOf = (said: readonly string[]): string | null =>
  said.flatMap((line) => /^ *code: '(\w+)',?$/.exec(line)?.[1] ?? []).at(-1) ?? null;

/** Adds to an exit code what the process was doing; keeps all other findings. */
function judge(
  findings: readonly Finding[],
  trial: InitProcess,
  owned: OwnedStep | undefined,
  report: InitReport,
  component: InitComponent,
  context: ComponentContext,
): Finding[] {
  const { doing } = report;
  const hint = `run it by itself: ${reproduction(component.cwd, trial.argv)}`;
  const when = doing === null ? 'at its end, after everything was done' : `while ${doing}`;
  const judged = findings.map((finding): Finding => {
    if (finding.code !== 'exit-code') return finding;
    const said = owned?.scanner.tail(SEARCHED_LINES) ?? [];
    const cause = headline(said);
    const need =
      cause === undefined ? undefined : foreignNeed(cause, { code: codeOf(said), file: component.module });
    if (need !== undefined && component.language === 'node')
      return notForHere(component.module, need, trial.name);
    const exit = describeExit({ code: finding.exitCode, signal: finding.signal as NodeJS.Signals | null });
    return {
      code: 'init-failed',
      step: trial.name,
      message: `${trial.name} ${exit} ${when}${cause === undefined ? '' : `: ${cause}`}`,
      evidence: finding.evidence ?? [],
      hint,
      doing,
      exitCode: finding.exitCode,
      signal: finding.signal,
    };
  });
  // A module that calls process.exit(0) while it loads looks like success, and takes its user down with it.
  if (findings.length === 0 && doing !== null && !context.signal.aborted)
    judged.push({
      code: 'init-failed',
      step: trial.name,
      message: `${trial.name} exited with code 0 ${when}, before that was done`,
      evidence: owned?.scanner.tail(EVIDENCE_LINES) ?? [],
      hint,
      doing,
      exitCode: 0,
      signal: null,
    });
  return judged;
}
