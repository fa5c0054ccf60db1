/** From what was measured of a load to its result: described, judged once, whoever measured it. */
import type { LoadByName, LoadGenerator, LoadPlan, LoadResult, TargetSample } from '../../core/load.ts';
import { shownUrl, unitOf } from '../../core/load-channel.ts';
import type { LoadDeparture } from '../../core/load-departure.ts';
import type { LoadStep } from '../../core/load-scenario.ts';
import type { Measured } from '../../core/metric.ts';
import { seriesOf } from '../../core/series.ts';
import { type LoadFinding, verdictOf } from '../findings.ts';
import type { ChannelTally } from '../tally/channel-tally.ts';
import { channelResult } from './channel/channel-recorder.ts';
import { byNameOf, bytesOf, countsOf, iterationsOf, rateOf } from './collector.ts';
import { judgeLoad, type Unjudged } from './judge.ts';
import { latenciesOf } from './measure/latency.ts';
import { resourcesOf } from './measure/machine.ts';
import type { Measurements } from './measurements.ts';
import { type GeneratorState, type Saturation, saturation } from './saturation.ts';
import type { Blur, Fidelity } from './threshold/bounds.ts';
import { abortingThresholds, evaluateThreshold } from './threshold/evaluate.ts';
import { speaksTls } from './tls-look.ts';

/** What is known besides the measurements. */
export interface Circumstances {
  /** Shakedown's version. */
  readonly version: string;
  /** CPU time of the threads while they measured, in milliseconds. */
  readonly cpuMs: number;
  readonly threads: number;
  readonly maxLoopLagMs: number;
  /** Of the target's processes. */
  readonly samples: readonly TargetSample[];
  /** Of a target that was told to leave. */
  readonly departure: LoadDeparture | undefined;
  /** The measurements at the moment when a condition of `abortOn` held. */
  readonly measuredAtAbort: Measured | undefined;
  /** The signal that interrupted it, if one did. */
  readonly interruptedBy: string | undefined;
  /** Where several machines sent: the generator of each, and what it is called. */
  readonly generators: readonly { readonly name: string; readonly state: GeneratorState }[];
  /** Where several machines sent: how far times may be from what they are known as. */
  readonly blur?: Blur;
}

export const channelOf = ({ channel }: LoadPlan, tally: ChannelTally): LoadResult['channel'] =>
  channel === null ? null : channelResult(tally, { type: channel.type, unit: unitOf(channel) });

/** How many requests can be in flight at once. */
export const slotsOf = ({ model, pipelining, scenario }: LoadPlan): number =>
  scenario?.users ?? model.connections * pipelining;

const fidelityOf = (
  plan: LoadPlan,
  own: Pick<Fidelity, 'isLate' | 'stoodStill' | 'isOvertime' | 'blur'>,
): Fidelity => ({
  mode: plan.model.type,
  slots: slotsOf(plan),
  hasUsers: plan.scenario !== null,
  endedByClock: plan.limit.type === 'duration',
  patienceUs: Math.min(plan.timeouts.connect, plan.timeouts.response) * 1000,
  ...own,
});

/** The numbers of each name; of users, only the names that they send in that part. */
function namesOf({ requests, scenario }: LoadPlan, measured: Measurements): LoadByName[] {
  const { named, before, durationMs, offeredMs, preparation } = measured;
  const load = byNameOf(named, durationMs, offeredMs);
  if (scenario === null) return load;
  const { places, names } = seriesOf(requests);
  const has = (steps: readonly LoadStep[], name: string): boolean =>
    steps.some(({ request }) => names[places[request] ?? -1] === name);
  const { steps, onStatus } = scenario;
  const detours = onStatus.flatMap((each) => each.steps);
  const preparing = byNameOf(before, preparation?.durationMs ?? 0, undefined, 'before');
  return [
    ...preparing.filter(({ name }) => has(scenario.before, name)),
    ...load.filter(({ name, counts }) => {
      const isSure = scenario.order !== 'function' && has(steps, name);
      const isPossible = scenario.order === 'function' || has(detours, name);
      return isSure || (isPossible && counts.scheduled > 0);
    }),
  ];
}

/** @returns the figures of a load, without any judgement */
export function describe(
  plan: LoadPlan,
  measured: Measurements,
  { version, cpuMs, threads, maxLoopLagMs, samples, departure }: Omit<Circumstances, 'generators'>,
): Unjudged {
  const { total, durationMs, iterations, failures } = measured;
  const { spinShare } = measured.activity;
  const generator: LoadGenerator = {
    // How much CPU time the spinning got is unknown, so it counts with its share of the time.
    cpuMs: cpuMs * (1 - spinShare),
    spinMs: cpuMs * spinShare,
    ...{ threads, saturated: false, maxLoopLagMs },
  };
  return {
    ...{ version, target: shownUrl(plan.target.url, plan.channel), mode: plan.model.type, durationMs },
    ended: measured.ended,
    counts: countsOf(total),
    bytes: bytesOf(total),
    rate: rateOf(total, durationMs, measured.offeredMs),
    latencyUs: latenciesOf(total),
    byName: namesOf(plan, measured),
    iterations: plan.scenario === null ? null : iterationsOf(iterations),
    channel: channelOf(plan, measured.channels),
    windows: measured.windows,
    generator,
    resources: resourcesOf(samples),
    ...(departure === undefined ? {} : { departure }),
    ...{
      failures,
      saved: null,
      checkEvery: plan.checkEvery,
      seed: plan.seed,
      thresholds: [],
      capacity: null,
    },
  };
}

/** Nothing was answered, or no connection was usable: the target may speak another protocol. */
function isUnheard({ latencyUs, counts, ended }: Unjudged): boolean {
  const { connect, protocol, 'cut-off': cutOff } = counts.byFailure;
  return (latencyUs.service?.count ?? 0) === 0 && connect + cutOff + protocol > 0 && ended !== 'interrupted';
}

/** Why the generator was the bottleneck: as a whole, and each machine of several. */
function doubtsOf(
  plan: LoadPlan,
  measured: Measurements,
  unjudged: Unjudged,
  { departure, generators, maxLoopLagMs }: Circumstances,
): Saturation {
  const { pace } = measured.total;
  const whole = saturation({
    mode: plan.model.type,
    busiest: measured.activity.busiest,
    durationMs: measured.durationMs,
    // Of several machines, each tells of its own.
    maxLoopLagMs: generators.length > 0 ? 0 : maxLoopLagMs,
    service: unjudged.latencyUs.service,
    lateUs: pace.count === 0 ? 0 : pace.valueAt(0.99),
    scheduled: unjudged.counts.scheduled,
    neverSent: unjudged.counts.neverSent - (departure?.refused ?? 0),
    inFlightAtEnd: unjudged.counts.inFlightAtEnd,
    slots: slotsOf(plan),
  });
  const each = generators.map(({ name, state }) => ({ name, ...saturation(state) }));
  return {
    reasons: [
      ...whole.reasons,
      ...each.flatMap(({ name, reasons }) => reasons.map((reason) => `${name}: ${reason}`)),
    ],
    isLate: whole.isLate || each.some(({ isLate }) => isLate),
    stoodStill: whole.stoodStill || each.some(({ stoodStill }) => stoodStill),
  };
}

/**
 * Judges what was measured.
 *
 * @returns the result, with findings about the target and about the generator
 */
export async function conclude(
  plan: LoadPlan,
  measured: Measurements,
  circumstances: Circumstances,
): Promise<LoadResult<LoadFinding>> {
  const unjudged = describe(plan, measured, circumstances);
  const { reasons: doubts, ...own } = doubtsOf(plan, measured, unjudged, circumstances);
  const { isOvertime } = measured;
  const fidelity = fidelityOf(plan, { ...own, isOvertime, blur: circumstances.blur });
  const result: Unjudged = {
    ...unjudged,
    thresholds: plan.thresholds.map((threshold) => evaluateThreshold(threshold, unjudged, fidelity)),
    generator: { ...unjudged.generator, saturated: doubts.length > 0 },
  };
  const { leftOfWarmup, slowPatterns, preparation, broken } = measured;
  const { interruptedBy, measuredAtAbort } = circumstances;
  const findings = judgeLoad(result, plan, {
    ...{ fidelity, doubts, leftOfWarmup, slowPatterns, preparation, broken, interruptedBy },
    speaksTls: isUnheard(result) && (await speaksTls(plan)),
  });
  if (measuredAtAbort !== undefined)
    findings.push(...abortingThresholds(plan.abortOn, measuredAtAbort, fidelity));
  return { ...result, verdict: verdictOf(findings), findings };
}
