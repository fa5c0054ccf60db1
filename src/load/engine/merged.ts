/** A load that several machines have sent: judged as if one had, and by what became of each. */
import { nameFew } from '../../core/few.ts';
import type { LoadLatency, LoadPlan, LoadResult, LoadWindow } from '../../core/load.ts';
import type { LoadAgent, LoadAgentFate } from '../../core/load-agent.ts';
import { type Measured, metricOf, type Subject } from '../../core/metric.ts';
import { seriesOf } from '../../core/series.ts';
import { formatDuration, plural } from '../../core/units.ts';
import { type LoadFinding, verdictOf } from '../findings.ts';
import type { LoadReport, PartReport } from '../merge/report.ts';
import type { Windows, WindowText } from '../merge/windows.ts';
import { ChannelTally } from '../tally/channel-tally.ts';
import { Tally, type TallySnapshot } from '../tally/tally.ts';
import { type AsText, fromText, histogramOf } from '../tally/text.ts';
import { type Circumstances, conclude, describe } from './conclude.ts';
import { latenciesOf, withoutHistograms } from './measure/latency.ts';
import type { Measurements, NamedTally } from './measurements.ts';
import type { Ended } from './reports.ts';
import { type GeneratorState, saturation } from './saturation.ts';
import { abortingThresholds } from './threshold/evaluate.ts';

function tallyOf(text: AsText<TallySnapshot>): Tally {
  const tally = new Tally();
  tally.add(fromText<TallySnapshot>(text));
  return tally;
}

const namedTallies = (names: readonly string[], all: readonly AsText<TallySnapshot>[]): NamedTally[] =>
  all.map((text, place) => ({ name: names[place] ?? '', tally: tallyOf(text) }));

function channelsOf({ channel }: LoadReport): ChannelTally {
  const tally = new ChannelTally();
  if (channel === null) return tally;
  tally.add(fromText(channel));
  tally.open = channel.open;
  return tally;
}

/** A window and its latencies with their histograms, which are coarse ones. */
export interface TimedWindow {
  readonly window: LoadWindow;
  readonly latencyUs: LoadLatency;
}

function windowOf({ times, ...window }: WindowText, width: number, plan: LoadPlan): TimedWindow {
  const { phase, slot, durationMs, counts, bytes, cpuMs, maxLoopLagMs, channel } = window;
  const tally = new Tally();
  for (const clock of ['response', 'unanswered', 'service', 'unserved', 'sendLag'] as const)
    tally[clock].add(histogramOf(times[clock]));
  const perSecond = (count: number): number => (durationMs > 0 ? (count / durationMs) * 1000 : 0);
  const latencyUs = latenciesOf(tally);
  const shown: LoadWindow = {
    atMs: (phase === 'warmup' ? 0 : plan.warmup) + slot * width * 1000,
    ...{ durationMs, phase, counts, bytes, channel },
    rate: { offered: perSecond(counts.scheduled), achieved: perSecond(tally.service.count) },
    latencyUs: withoutHistograms(latencyUs),
    generator: { cpuMs, maxLoopLagMs },
    target: null,
  };
  return { window: shown, latencyUs };
}

/** The course of a load that several machines send. */
export const timedWindowsOf = ({ width, list }: Windows, plan: LoadPlan): TimedWindow[] =>
  list.map((window) => windowOf(window, width, plan));

/** The same without histograms. */
export const windowsOf = (windows: Windows, plan: LoadPlan): LoadWindow[] =>
  timedWindowsOf(windows, plan).map(({ window }) => window);

const ENDS: readonly Ended[] = ['aborted', 'interrupted', 'unreachable', 'locked-out'];

/** What a report says, as what one machine has measured. */
function measurementsOf(report: LoadReport, plan: LoadPlan): Measurements {
  const { names } = seriesOf(plan.requests);
  const { parts, iterations, preparation, failures, offeredMs, leftOfWarmup, isOvertime, slowPatterns } =
    report;
  const total = tallyOf(report.total);
  // Of a part that is lost, what had no answer yet never gets one.
  total.inFlightAtEnd = total.unaccounted;
  const named = namedTallies(names, report.named);
  const spent = parts.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  const spun = parts.reduce((sum, { cpuMs, spinShare }) => sum + cpuMs * spinShare, 0);
  return {
    ...{ total, named, preparation, failures, offeredMs, leftOfWarmup, isOvertime, slowPatterns },
    before: namedTallies(names, report.before),
    channels: channelsOf(report),
    iterations: iterations === null ? new Tally() : underWay(tallyOf(iterations)),
    windows: windowsOf(report.windows, plan),
    ended: ENDS.find((reason) => parts.some(({ ended }) => ended === reason)) ?? 'limit',
    durationMs: Math.max(0, ...parts.map(({ durationMs }) => durationMs)),
    broken: null,
    activity: {
      spinShare: spent > 0 ? spun / spent : 0,
      busiest: Math.max(0, ...parts.map(({ busiest }) => busiest)),
    },
  };
}

function underWay(iterations: Tally): Tally {
  iterations.inFlightAtEnd = iterations.unaccounted;
  return iterations;
}

const stateOf = (
  { busiest, durationMs, serviceUs, paceUs, scheduled, neverSent, inFlightAtEnd, slots }: PartReport,
  { model }: LoadPlan,
): GeneratorState => ({
  ...{ mode: model.type, busiest, durationMs, service: serviceUs, lateUs: paceUs },
  ...{ scheduled, neverSent, inFlightAtEnd, slots },
});

/** What became of a machine that was to send a part. */
export interface AgentFate extends Pick<LoadAgent, 'part' | 'name' | 'cores' | 'fate'> {
  /** Of one that did not finish, why: `it was not heard of for 5 s`. */
  readonly why?: string;
}

/** What else is known of a load that several machines have sent. */
export type MergedCircumstances = Pick<Circumstances, 'version' | 'measuredAtAbort' | 'interruptedBy'>;

const agentOf = (
  { part, name, cores, fate }: AgentFate,
  report: PartReport | undefined,
  plan: LoadPlan,
): LoadAgent => {
  const known = { part, name, cores, fate };
  if (report === undefined)
    return {
      ...known,
      ...{
        threads: 0,
        sent: 0,
        achieved: 0,
        serviceUs: null,
        cpuMs: 0,
        busiest: 0,
        lateMs: 0,
        saturated: false,
      },
    };
  const { threads, scheduled, neverSent, answered, durationMs, serviceUs, cpuMs, busiest, lateMs } = report;
  return {
    ...known,
    ...{ threads, sent: scheduled - neverSent, serviceUs, cpuMs, busiest, lateMs },
    achieved: durationMs > 0 ? (answered / durationMs) * 1000 : 0,
    saturated: saturation(stateOf(report, plan)).reasons.length > 0,
  };
};

const named = (agents: readonly AgentFate[]): string =>
  nameFew(
    agents.map(({ name, why }) => (why === undefined ? name : `${name} (${why})`)),
    FEW,
  );

/** How many agents are named. */
const FEW = 4;

/** What is wrong with the agents, so that a pass would prove nothing. */
function agentFindings(agents: readonly AgentFate[], parts: readonly PartReport[]): LoadFinding[] {
  const of = (...fates: readonly LoadAgentFate[]): AgentFate[] =>
    agents.filter(({ fate }) => fates.includes(fate));
  const gone = of('missing', 'lost');
  const left = of('left');
  const late = parts.filter(({ lateMs }) => lateMs > 0);
  const latest = Math.max(0, ...late.map(({ lateMs }) => lateMs));
  const lateNames = agents.filter(({ part }) => late.some((each) => each.part === part));
  return [
    ...(gone.length === 0
      ? []
      : [
          {
            code: 'agents-missing' as const,
            message: `${agents.length - gone.length} of ${plural(agents.length, 'agent')} sent all of their part; not ${named(gone)}`,
            count: gone.length,
          },
        ]),
    ...(left.length === 0
      ? []
      : [
          {
            code: 'agent-ended-early' as const,
            message: `${left.length} of ${plural(agents.length, 'agent')} ended before the load did: ${named(left)}`,
          },
        ]),
    ...(late.length === 0
      ? []
      : [
          {
            code: 'agent-late' as const,
            message: `${late.length} of ${plural(agents.length, 'agent')} began late, by up to ${formatDuration(latest)}: ${named(lateNames)}`,
            lateMs: latest,
          },
        ]),
  ];
}

/** What a part of the load cannot reach: more of it would have been sent. */
const AMOUNTS: readonly Subject['type'][] = [
  'requests',
  'responses',
  'rate',
  'bytes',
  'iterations',
  'channel',
];

/** Of a load that is not whole, a threshold on an amount says nothing, whatever was measured. */
function unlessWhole(finding: LoadFinding, isWhole: boolean, { thresholds }: LoadPlan): LoadFinding {
  if (isWhole || finding.code !== 'threshold') return finding;
  const { expression, message } = finding;
  const metric = thresholds.find(({ text }) => text === expression)?.metric ?? '';
  const about = metricOf(metric)?.about.type;
  if (about === undefined || !AMOUNTS.includes(about)) return finding;
  return {
    code: 'threshold-undecided',
    expression,
    message: `${message}; but not all agents have sent their part`,
  };
}

/**
 * Judges a load that several machines have sent, once.
 *
 * @param report of all that was heard of
 * @param agents that were to send a part, all of them
 * @returns the result; without one of them it proves nothing good, but shows what was measured
 */
export async function judgeMerged(
  plan: LoadPlan,
  report: LoadReport,
  agents: readonly AgentFate[],
  circumstances: MergedCircumstances,
): Promise<LoadResult<LoadFinding>> {
  const { parts } = report;
  const states = parts.map((part) => ({
    name: agents.find((each) => each.part === part.part)?.name ?? `agent ${part.part + 1}`,
    state: stateOf(part, plan),
  }));
  const result = await conclude(plan, measurementsOf(report, plan), {
    ...circumstances,
    cpuMs: parts.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    threads: parts.reduce((sum, { threads }) => sum + threads, 0),
    maxLoopLagMs: Math.max(0, ...parts.map(({ maxLoopLagMs }) => maxLoopLagMs)),
    samples: [],
    departure: undefined,
    generators: states.length < 2 ? [] : states,
  });
  const own = agentFindings(agents, parts);
  const isWhole = agents.every(({ fate }) => fate === 'finished');
  // If nobody has told of a request before it was lost, nothing is known of the target.
  const isUnknown = !isWhole && parts.every(({ scheduled }) => scheduled === 0);
  const judged = isUnknown ? [] : result.findings;
  const findings = [...judged.map((each) => unlessWhole(each, isWhole, plan)), ...own];
  return {
    ...result,
    agents: agents.map((each) =>
      agentOf(
        each,
        parts.find(({ part }) => part === each.part),
        plan,
      ),
    ),
    verdict: verdictOf(findings),
    findings,
  };
}

/** @returns what has been measured so far, if a condition of `abortOn` holds */
export function measuredAtAbort(plan: LoadPlan, soFar: LoadReport): Measured | undefined {
  if (plan.abortOn.length === 0 || soFar.parts.length === 0) return undefined;
  const measured = describe(plan, measurementsOf(soFar, plan), {
    ...{ version: '', cpuMs: 0, threads: 0, maxLoopLagMs: 0, samples: [] },
    ...{ departure: undefined, measuredAtAbort: undefined, interruptedBy: undefined },
  });
  return abortingThresholds(plan.abortOn, measured).length === 0 ? undefined : measured;
}
