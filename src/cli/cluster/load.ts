/** `shakedown load URL --agents N`: a load that many machines send, shown and judged as that of one. */
import type { Threshold } from '../../core/condition.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { visible, visibleAll } from '../../core/harmless.ts';
import type { LoadPlan } from '../../core/load.ts';
import { shownUrl } from '../../core/load-channel.ts';
import { err, type Result } from '../../core/result.ts';
import { whyUndivided } from '../../core/undivided.ts';
import { plural } from '../../core/units.ts';
import { EXIT_CODES } from '../../core/verdict.ts';
import type { ClientSide, ClusterRun } from '../../distributed/client.ts';
import type { Joined } from '../../distributed/join.ts';
import { judged } from '../../distributed/judged.ts';
import { MergedWindows } from '../../distributed/merged-windows.ts';
import { Remarks } from '../../distributed/remarks.ts';
import { toDuration } from '../../kinds/common/duration.ts';
import { timedWindowsOf } from '../../load/index.ts';
import { WAIT_FOR_AGENTS } from '../../load/options/words.ts';
import { describeLoad } from '../../load/report/brief.ts';
import { loadJson, loadText } from '../../load/report/index.ts';
import { createPaint, type Paint } from '../../text/paint.ts';
import type { Program } from '../flags.ts';
import { closeFiles, openFiles } from '../load-files.ts';
import { flagsBesideAttach, type LoadFlags } from '../load-flags.ts';
import { LiveView } from '../load-view.ts';
import { type Outcome, refuse } from '../outcome.ts';
import { say } from '../say.ts';
import { type SignalWatch, watchSignals } from '../signals.ts';
import { standardOutput } from '../standard-output.ts';
import { wantsColor } from '../terminal-report.ts';
import { joinByFlags } from './join.ts';

/** What is not for agents, of what only a command line has. */
function whyNotOnAgents(plan: LoadPlan, flags: LoadFlags): Diagnostic | undefined {
  const { agents, attach, pid } = flags;
  if (agents !== undefined && attach !== undefined)
    return {
      message: '--agents begins a load, --attach shows one that goes on',
      hint: 'leave out one of them',
    };
  const unheeded = attach === undefined ? [] : flagsBesideAttach(flags);
  if (unheeded.length > 0)
    return {
      message: `--attach shows a load with the options that it was begun with, and cannot heed ${unheeded.join(', ')}`,
      hint: `leave ${unheeded.length === 1 ? 'it' : 'them'} out`,
    };
  if (pid !== undefined)
    return {
      message: '--pid watches a process of this machine, which the agents are not on',
      hint: 'leave it out, or send from this machine alone',
    };
  const why = agents === undefined ? undefined : whyUndivided(plan, plan.target, agents);
  return why === undefined
    ? undefined
    : {
        message: `this load cannot be divided: ${why}`,
        hint: 'change that, or send from this machine alone',
      };
}

/** However it was written: with or without a path. */
const sameUrl = (one: string, other: string): boolean => new URL(one).href === new URL(other).href;

/** Why a run is not the one that was meant: it would be judged by its own bounds, and what was asked taken for met. */
export function whyNotThatRun(asked: LoadPlan, there: LoadPlan): Diagnostic | undefined {
  const hint = 'give the URL of the run; its other options are those that it began with';
  if (!sameUrl(there.target.url, asked.target.url))
    return { message: `--attach: that run sends to ${there.target.url}, not to ${asked.target.url}`, hint };
  if (there.departure !== undefined)
    return {
      message:
        '--attach: the server of that run was to be told to leave in its middle, by the suite that began it',
      hint: 'run the suite again',
    };
  const foreign = (given: readonly Threshold[], known: readonly Threshold[]): Threshold | undefined =>
    given.find(({ text }) => known.every((bound) => bound.text !== text));
  const threshold = foreign(asked.thresholds, there.thresholds);
  const condition = foreign(asked.abortOn, there.abortOn);
  if (threshold !== undefined)
    return { message: `--attach: that run was begun without --threshold '${threshold.text}'`, hint };
  if (condition !== undefined)
    return { message: `--attach: that run was begun without --abort-on '${condition.text}'`, hint };
  return undefined;
}

async function begin(
  plan: LoadPlan,
  { agents = 1, attach, waitForAgents = WAIT_FOR_AGENTS }: LoadFlags,
  side: ClientSide,
  { joining }: Joined,
  { version }: Program,
): Promise<Result<ClusterRun, Diagnostic>> {
  if (attach === undefined)
    return side.begin(plan, {
      version,
      pool: joining.pool,
      agents,
      attendWithinMs: toDuration(waitForAgents),
    });
  const run = await side.attach(attach);
  if (!run.ok) return run;
  const why = whyNotThatRun(plan, run.value.plan);
  return why === undefined ? run : err(why);
}

export async function loadOnAgents(plan: LoadPlan, flags: LoadFlags, program: Program): Promise<Outcome> {
  const why = whyNotOnAgents(plan, flags);
  if (why !== undefined) return refuse([why]);
  const joined = await joinByFlags(flags, program);
  if (!joined.ok) return refuse(joined.error);
  const { temporal, joining } = joined.value;
  const { ClientSide } = await import('../../distributed/client.ts');
  const side = await ClientSide.open(temporal, joining);
  if (!side.ok) return refuse([side.error]);
  const begun = await begin(plan, flags, side.value, joined.value, program);
  if (!begun.ok) {
    await side.value.close();
    return refuse([begun.error]);
  }
  const outcome = await carryOut(begun.value, flags, joined.value, program);
  await side.value.close();
  return outcome;
}

const signalOf = ({ received }: SignalWatch): Pick<Outcome, 'signal'> => {
  const signal = received();
  return signal === undefined ? {} : { signal };
};

function announce(run: ClusterRun, { joining }: Joined, stream: NodeJS.WriteStream, paint: Paint): void {
  const { target, channel } = run.plan;
  const lines = [
    `${paint.bold('shakedown load')} ${visible(shownUrl(target.url, channel))}`,
    `  ${paint.dim(describeLoad(visibleAll(run.plan)))}`,
    `  ${paint.dim(`from ${plural(run.agents, 'agent')} of pool ${visible(joining.pool)} at ${joining.address}, as ${run.id}`)}`,
  ];
  stream.write(`${lines.join('\n')}\n\n`);
}

async function carryOut(
  run: ClusterRun,
  flags: LoadFlags,
  joined: Joined,
  program: Program,
): Promise<Outcome> {
  const { plan } = run;
  const files = openFiles(flags, false, program, new Date());
  if (!files.ok) return refuse(files.error);
  const stream = flags.json ? process.stderr : process.stdout;
  const paint = createPaint(wantsColor(stream, process.env));
  announce(run, joined, stream, paint);
  const view = new LiveView(stream, visibleAll(plan), paint);
  const signals = watchSignals(() => view.leave(), program.lastResort);
  const stopping = new AbortController();
  signals.control.stop.addEventListener('abort', () => stopping.abort(signals.received() ?? 'an error'));
  const windows = new MergedWindows(plan);
  const remarks = new Remarks(run.agents);
  const running = run.outcome({
    signal: stopping.signal,
    abandon: signals.control.abandon,
    onProgress: (heard) => {
      view.remark(remarks.on(heard));
      for (const window of windows.ended(heard.telling, heard.others)) view.add(window);
    },
    onAway: () => view.remark('the server does not answer; the agents go on'),
  });
  const outcome = await running.finally(() => view.close());
  const left = { exitCode: EXIT_CODES.inconclusive, ...signalOf(signals) };
  signals.release();
  if (outcome === undefined) {
    say(
      `shakedown: the server does not answer, so what the agents have measured is not known here; once it is back: --attach ${run.id}`,
      process.stderr,
    );
    return left;
  }
  if (outcome.type === 'refused')
    return refuse(outcome.why.map((message) => ({ message, hint: 'nothing was sent' })));
  const result = await judged(run, outcome, program);
  stream.write(`${loadText(result, paint).join('\n')}\n`);
  if (outcome.type === 'measured')
    for (const { window, latencyUs } of timedWindowsOf(outcome.merged.windows, plan))
      for (const { destination, linesOf } of files.value) destination.write(linesOf(window, latencyUs, []));
  const exitCode = closeFiles(files.value, EXIT_CODES[result.verdict]);
  if (flags.json) standardOutput.deliver(loadJson(result));
  return { ...left, exitCode };
}
