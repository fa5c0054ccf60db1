/** Judges a result: the findings about the target and the generator. */
import type { LoadCounts, LoadFailure, LoadPlan, LoadResult, Threshold } from '../../core/load.ts';
import { type LoadUnit, unitCounted } from '../../core/load-channel.ts';
import type { LoadDeparture } from '../../core/load-departure.ts';
import { SLOW_PATTERN_HINT } from '../../core/pattern.ts';
import { plural } from '../../core/units.ts';
import { consequenceOf, type LoadFinding } from '../findings.ts';
import type { Preparation } from '../merge/report.ts';
import { channelFindings } from './channel/judge.ts';
import { evidenceOf } from './evidence.ts';
import { afterOnStatus, preparationFindings, withoutIteration } from './judge-users.ts';
import type { BrokenSteps } from './reports.ts';
import type { Fidelity } from './threshold/bounds.ts';
import { judgeThresholds } from './threshold/evaluate.ts';

export type Unjudged = Omit<LoadResult, 'verdict' | 'findings'>;

/** A threshold on one of these metrics says how many requests may fail, or time out. */
const ABOUT_FAILURES = ['errors', 'failed'];
const ABOUT_TIMEOUTS = ['errors', 'timedOut'];

/** OpenSSL's codes for a certificate without a trusted authority. */
const UNTRUSTED = /\((?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)\)/;
const TRUST =
  'trust its authority with --ca FILE (in a suite: `ca`), or accept any certificate with --insecure (in a suite: `insecure: true`)';

/** Failures with the same finding, and the metrics of thresholds that say how many of them there may be. */
interface Group {
  readonly code: 'unexpected-response' | 'protocol-error' | 'request-failed' | 'machine-trouble';
  readonly kinds: readonly LoadFailure['kind'][];
  readonly metrics: readonly string[];
  readonly count: (counts: LoadCounts) => number;
}

const GROUPS: readonly Group[] = [
  {
    ...{ code: 'unexpected-response', kinds: ['check'], metrics: ABOUT_FAILURES },
    count: ({ byFailure }) => byFailure.check,
  },
  // Bytes that no request asked for are not covered by a bound on requests.
  { code: 'protocol-error', kinds: ['protocol'], metrics: [], count: ({ byFailure }) => byFailure.protocol },
  {
    ...{ code: 'request-failed', kinds: ['connect', 'tls', 'cut-off'], metrics: ABOUT_FAILURES },
    count: ({ byFailure: { connect, tls, 'cut-off': cutOff } }) => connect + tls + cutOff,
  },
  // Says nothing about the target, so no bound applies.
  {
    ...{ code: 'machine-trouble', kinds: ['machine'], metrics: [] },
    count: ({ byFailure: { machine = 0 } }) => machine,
  },
  {
    ...{ code: 'request-failed', kinds: ['timeout'], metrics: ABOUT_TIMEOUTS },
    count: ({ timedOut }) => timedOut,
  },
];

/** The counts without what a target lost that was told to leave: that is judged apart. */
const withoutLost = (counts: LoadCounts, { lost, lostByTime }: LoadDeparture): LoadCounts => ({
  ...counts,
  timedOut: counts.timedOut - lostByTime,
  // Refusals and resets are told together with what is cut off.
  byFailure: { ...counts.byFailure, 'cut-off': counts.byFailure['cut-off'] - (lost - lostByTime) },
});

/** @param bounds thresholds that hold; they alone judge what they measure, of all requests or those of their name */
function failuresOf(
  { counts, byName, failures, channel, departure }: Unjudged,
  bounds: readonly Threshold[],
  plan: LoadPlan,
): LoadFinding[] {
  return GROUPS.flatMap(({ code, kinds, metrics, count }): LoadFinding[] => {
    const names = bounds.flatMap(({ metric, name }) => (metrics.includes(metric) ? [name] : []));
    // With a single name, that is all requests.
    if (names.includes(null) || (names.length > 0 && byName.length === 0)) return [];
    const forgiven = byName.filter(({ name }) => names.includes(name));
    const all = count(departure === undefined ? counts : withoutLost(counts, departure));
    const left = Math.max(
      0,
      forgiven.reduce((sum, part) => sum - count(part.counts), all),
    );
    const examples = failures.filter(({ kind, name }) => kinds.includes(kind) && !names.includes(name));
    const [first] = examples;
    // Of a channel, what is no outcome of a message is judged by itself.
    const isApart = channel !== null && code !== 'protocol-error' && code !== 'machine-trouble';
    if (left === 0 && (first === undefined || isApart)) return [];
    const message =
      left === 0
        ? (first?.message ?? '')
        : `${plural(left, unitCounted(channel))} of ${counts.scheduled.toLocaleString('en-US')} failed: ${first?.message ?? 'no example was kept'}`;
    const hint = UNTRUSTED.test(first?.message ?? '') ? { hint: TRUST } : afterOnStatus(first, plan);
    return [{ code, message, evidence: evidenceOf(examples), ...hint, count: left }];
  });
}

/** Whether every request failed because of the generator's own machine. */
const isAllOurs = ({ scheduled, byFailure: { machine = 0 } }: LoadCounts): boolean =>
  machine > 0 && machine === scheduled;

/** A broken threshold proves nothing if some requests failed because of the machine that sent them. */
const undecided = (finding: LoadFinding): LoadFinding =>
  finding.code === 'threshold'
    ? {
        code: 'threshold-undecided',
        expression: finding.expression,
        message: `${finding.message}; but some requests failed because of the machine that sent them`,
      }
    : finding;

/** How the run went on the generator's side. */
interface Circumstances {
  readonly fidelity: Fidelity;
  /** Why the generator, not the target, was the bottleneck. */
  readonly doubts: readonly string[];
  /** Requests of the warm-up without a response at the end. */
  readonly leftOfWarmup: number;
  /** Patterns of checks that were given up for taking too long. */
  readonly slowPatterns: readonly string[];
  /** Null if there were no users to prepare. */
  readonly preparation?: Preparation | null;
  /** Of a function of steps; null: it always made a request, or there is none. */
  readonly broken?: BrokenSteps | null;
  /** The signal that interrupted it, if one did. */
  readonly interruptedBy?: string | undefined;
  /** Whether a target that did not answer plain HTTP completed a TLS handshake. */
  readonly speaksTls?: boolean;
}

const NOTHING = {
  request: 'no request was answered',
  message: 'no message was answered',
  connection: 'no WebSocket was opened',
  stream: 'no event came',
} as const satisfies Record<LoadUnit, string>;

function zeroWork(
  { counts, failures, latencyUs, channel, target, ended }: Unjudged,
  { leftOfWarmup, speaksTls }: Circumstances,
): LoadFinding[] {
  const [first] = failures;
  // If this machine could not connect at all, nothing is known about the target.
  if (isAllOurs(counts)) return [];
  if (latencyUs.service === null || latencyUs.service.count === 0) {
    // An interrupted run may not have waited for a response.
    if (ended === 'interrupted' && first === undefined) return [];
    const why =
      first !== undefined
        ? `: ${first.message}`
        : leftOfWarmup > 0
          ? `: ${plural(leftOfWarmup, 'request')} of the warm-up had no answer yet`
          : '';
    const hint = `the target speaks TLS: use ${target.replace(/^(http|ws):/, '$1s:')} (in a suite: \`https: true\`)`;
    return [
      {
        code: 'zero-work',
        message: `${NOTHING[unitCounted(channel)]}${why}`,
        ...(speaksTls ? { hint } : {}),
      },
    ];
  }
  // Of a channel, that it was opened and that its messages were answered are checks of their own.
  if (counts.checked === 0 && channel === null)
    return [{ code: 'zero-work', message: 'no response was checked' }];
  return [];
}

/** A threshold that tolerates every single failure tolerates too much. */
function forgivenWhole(result: Unjudged, plan: LoadPlan, findings: readonly LoadFinding[]): LoadFinding[] {
  const { completed, failed } = result.counts;
  if (completed > 0 || isAllOurs(result.counts)) return [];
  if (findings.some(({ code }) => consequenceOf(code) === 'failed')) return [];
  const message = `no request was answered as expected, and all ${plural(failed, 'failure')} are tolerated`;
  const hint = 'if these answers are right, expect them: --expect-status, or `expect` in a config';
  return [{ code: 'zero-work', message, hint }, ...failuresOf(result, [], plan)];
}

/** A saturated generator still measures; the thresholds say what that proves. */
function saturationFindings(doubts: readonly string[], { strict }: LoadPlan): LoadFinding[] {
  if (doubts.length === 0) return [];
  const refusal: LoadFinding = {
    code: 'saturation-refused',
    message:
      'the load generator was the bottleneck, which --strict (in a suite `strict: true`) does not accept',
  };
  return [
    ...(strict ? [refusal] : []),
    ...doubts.map((message): LoadFinding => ({ code: 'generator-saturated', message })),
  ];
}

const slowPattern = (pattern: string): LoadFinding => ({
  code: 'slow-pattern',
  message: `${pattern} took too long on a response and was given up`,
  hint: SLOW_PATTERN_HINT,
  pattern,
});

const brokenSteps = ({ count, why }: BrokenSteps): LoadFinding => ({
  code: 'steps-broken',
  message: `${plural(count, 'iteration')} failed in the function of the steps: ${why}`,
  count,
});

/** @returns the findings; empty when all is well */
export function judgeLoad(result: Unjudged, plan: LoadPlan, circumstances: Circumstances): LoadFinding[] {
  const { fidelity, doubts, slowPatterns, interruptedBy } = circumstances;
  const unprepared = preparationFindings(result, plan, circumstances.preparation ?? null, evidenceOf);
  if (result.ended === 'locked-out') return unprepared;
  const findings = [...unprepared, ...zeroWork(result, circumstances)];
  // A broken threshold must not hide the failures that broke it.
  const broken = plan.thresholds.filter((_, index) => result.thresholds[index]?.holds !== true);
  const bounded = plan.thresholds.filter(({ metric, name }) =>
    broken.every((threshold) => threshold.metric !== metric || threshold.name !== name),
  );
  // Where nothing works at all, a threshold that tolerates some failures must not hide why.
  const tolerated = findings.length > 0 ? [] : bounded;
  findings.push(...failuresOf(result, tolerated, plan), ...channelFindings(result, tolerated));
  const judged = judgeThresholds(plan.thresholds, result, fidelity);
  const hasTrouble = findings.some(({ code }) => code === 'machine-trouble');
  findings.push(...(hasTrouble ? judged.map(undecided) : judged));
  findings.push(...slowPatterns.map(slowPattern), ...saturationFindings(doubts, plan));
  if (circumstances.broken) findings.push(brokenSteps(circumstances.broken));
  if (result.ended === 'interrupted')
    findings.push({
      code: 'ended-early',
      message:
        interruptedBy === undefined
          ? 'the load was stopped early'
          : `the load was interrupted by ${interruptedBy}`,
    });
  if (result.ended === 'limit') findings.unshift(...forgivenWhole(result, plan, findings));
  if (!findings.some(({ code }) => consequenceOf(code) === 'failed'))
    findings.unshift(...withoutIteration(result));
  return findings;
}
