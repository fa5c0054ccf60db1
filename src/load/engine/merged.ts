/** A load that several machines have sent: judged as if one had, and by what became of each. */
import type { LoadLatency, LoadPlan, LoadResult, LoadWindow } from '../../core/load.ts';
import type { Measured } from '../../core/metric.ts';
import { seriesOf } from '../../core/series.ts';
import { type LoadFinding, verdictOf } from '../findings.ts';
import { precisionOf } from '../merge/fit.ts';
import { mergeReports } from '../merge/merge.ts';
import type { LoadReport } from '../merge/report.ts';
import type { Windows, WindowText } from '../merge/windows.ts';
import { ChannelTally } from '../tally/channel-tally.ts';
import { Tally, type TallySnapshot } from '../tally/tally.ts';
import { type AsText, fromText, histogramOf } from '../tally/text.ts';
import {
  type AgentFate,
  agentFindings,
  agentOf,
  fatesOf,
  ofParts,
  shortenedFindings,
  stateOf,
} from './agents.ts';
import { departureApart, type Told } from './apart.ts';
import { type Circumstances, conclude, describe } from './conclude.ts';
import { latenciesOf, withoutHistograms } from './measure/latency.ts';
import type { Measurements, NamedTally } from './measurements.ts';
import type { Ended } from './reports.ts';
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
  const durationMs = Math.max(0, ...parts.map((part) => part.durationMs));
  const spent = parts.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  const spun = parts.reduce((sum, { cpuMs, spinShare }) => sum + cpuMs * spinShare, 0);
  return {
    ...{ total, named, preparation, failures, leftOfWarmup, isOvertime, slowPatterns },
    // Those that ended early were to send as long as the others.
    offeredMs: parts.every(({ isFinal, ended }) => isFinal && ended === 'limit') ? offeredMs : durationMs,
    before: namedTallies(names, report.before),
    channels: channelsOf(report),
    iterations: iterations === null ? new Tally() : underWay(tallyOf(iterations)),
    windows: windowsOf(report.windows, plan),
    ended: ENDS.find((reason) => parts.some(({ ended }) => ended === reason)) ?? 'limit',
    durationMs,
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

/** What else is known of a load that several machines have sent. */
export type MergedCircumstances = Pick<Circumstances, 'version' | 'measuredAtAbort' | 'interruptedBy'> &
  Partial<Pick<Circumstances, 'samples'>> & {
    /** Of a target that was to leave: absent if it was not told. */
    readonly told?: Told | undefined;
  };

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
  const { parts, departures } = report;
  const refusedOf = (part: number): number => departures.find((each) => each.part === part)?.refused ?? 0;
  const fates = fatesOf(agents, parts);
  const states = parts.map(({ part, ...rest }) => ({
    name: fates[part]?.name ?? '',
    state: stateOf({ part, ...rest }, plan, refusedOf(part)),
  }));
  const measured = measurementsOf(report, plan);
  const result = await conclude(plan, measured, {
    ...circumstances,
    cpuMs: parts.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    threads: parts.reduce((sum, { threads }) => sum + threads, 0),
    maxLoopLagMs: Math.max(0, ...parts.map(({ maxLoopLagMs }) => maxLoopLagMs)),
    samples: circumstances.samples ?? [],
    departure: circumstances.told && departureApart(departures, circumstances.told),
    generators: states.length < 2 ? [] : states,
    blur: precisionOf(report),
  });
  const own = agentFindings(fates, parts, circumstances.measuredAtAbort !== undefined);
  const isWhole = fates.every(({ fate }) => fate === 'finished');
  const { total, failures, preparation } = measured;
  const known = {
    hasRequests: total.scheduled > 0,
    hasFailures: failures.length + (preparation?.failures.length ?? 0) > 0,
  };
  const judged = isWhole
    ? result.findings
    : result.findings.flatMap((finding) => ofParts(finding, plan, known) ?? []);
  const findings = [...judged, ...own, ...shortenedFindings(report)];
  return {
    ...result,
    precision: precisionOf(report),
    agents: fates.map((each) =>
      agentOf(
        each,
        parts.find(({ part }) => part === each.part),
        ...([plan, refusedOf(each.part)] as const),
      ),
    ),
    verdict: verdictOf(findings),
    findings,
  };
}

/**
 * A load that was refused before anything was sent.
 *
 * @param agents how many were to send it
 * @param why each thing that is wrong, and what to do about it
 */
export async function refusedLoad(
  plan: LoadPlan,
  agents: number,
  why: readonly Pick<LoadFinding, 'message' | 'hint'>[],
  version: string,
): Promise<LoadResult<LoadFinding>> {
  const missing = Array.from({ length: agents }, (_, part): AgentFate => {
    return { part, name: `agent ${part + 1}`, cores: null, fate: 'missing' };
  });
  const circumstances = { version, interruptedBy: undefined, measuredAtAbort: undefined };
  const nothing = await judgeMerged(plan, mergeReports([]), missing, circumstances);
  const findings = why.map((each): LoadFinding => ({ code: 'agents-refused', ...each }));
  return { ...nothing, verdict: verdictOf(findings), findings };
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
