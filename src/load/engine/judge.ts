/** What a result says of the target, as findings. */
import type { LoadCounts, LoadFailure, LoadPlan, LoadResult } from '../../core/load.ts';
import { SLOW_PATTERN_HINT } from '../../core/pattern.ts';
import { plural } from '../../core/units.ts';
import { consequenceOf, type LoadFinding } from '../findings.ts';
import type { Fidelity } from './threshold/bounds.ts';
import { judgeThresholds } from './threshold/evaluate.ts';

export type Unjudged = Omit<LoadResult, 'verdict' | 'findings'>;

/** Who sets a bound for one of these metrics says how many requests may fail, or time out. */
const ABOUT_FAILURES = ['errors', 'failed'];
const ABOUT_TIMEOUTS = ['errors', 'timedOut'];

function show({ message, request, response, body }: LoadFailure): string[] {
  const parts: [string, string | null][] = [
    ['> ', request],
    ['< ', response],
    ['< ', body],
  ];
  return [
    message,
    ...parts.flatMap(([mark, text]) =>
      text === null || text === ''
        ? []
        : text
            .trimEnd()
            .split('\n')
            .map((line) => `  ${mark}${line}`),
    ),
  ];
}

/** The first example as it was, and what else others say. */
function evidenceOf([first, ...others]: readonly LoadFailure[]): string[] {
  if (first === undefined) return [];
  const messages = new Set(others.map(({ message }) => message).filter((each) => each !== first.message));
  return [...show(first), ...messages];
}

/** What OpenSSL says of a certificate that nobody known vouches for. */
const UNTRUSTED = /\((?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)\)/;
const TRUST =
  'trust its authority by --ca FILE, in a suite `ca`, or take any certificate by --insecure, in a suite `insecure: true`';

/** @param bounded metrics whose thresholds hold; what they are about is judged by these alone */
function failuresOf({ counts, failures }: Unjudged, bounded: readonly string[]): LoadFinding[] {
  const isBounded = (metrics: readonly string[]): boolean =>
    metrics.some((metric) => bounded.includes(metric));
  const { check, protocol, connect, tls, machine = 0 } = counts.byFailure;
  const groups = [
    { code: 'unexpected-response', count: check, kinds: ['check'], tolerated: isBounded(ABOUT_FAILURES) },
    // A server that sends what nobody asked for cannot be tolerated by a count of requests.
    { code: 'protocol-error', count: protocol, kinds: ['protocol'], tolerated: false },
    {
      code: 'request-failed',
      count: connect + tls + counts.byFailure['cut-off'],
      kinds: ['connect', 'tls', 'cut-off'],
      tolerated: isBounded(ABOUT_FAILURES),
    },
    // It says nothing of the target, so no bound is about it.
    { code: 'machine-trouble', count: machine, kinds: ['machine'], tolerated: false },
    {
      code: 'request-failed',
      count: counts.timedOut,
      kinds: ['timeout'],
      tolerated: isBounded(ABOUT_TIMEOUTS),
    },
  ] as const;
  return groups.flatMap(({ code, count, kinds, tolerated }): LoadFinding[] => {
    if (tolerated) return [];
    const examples = failures.filter(({ kind }) => (kinds as readonly string[]).includes(kind));
    const [first] = examples;
    if (count === 0 && first === undefined) return [];
    const message =
      count === 0
        ? (first?.message ?? '')
        : `${plural(count, 'request')} of ${counts.scheduled.toLocaleString('en-US')} failed: ${first?.message ?? 'no example was kept'}`;
    const hint = UNTRUSTED.test(first?.message ?? '') ? { hint: TRUST } : {};
    return [{ code, message, evidence: evidenceOf(examples), ...hint, count }];
  });
}

/** Whether all that was due has failed of the generator's own machine. */
const isAllOurs = ({ scheduled, byFailure: { machine = 0 } }: LoadCounts): boolean =>
  machine > 0 && machine === scheduled;

/** What a bound says was measured with requests missing that were never sent. */
const undecided = (finding: LoadFinding): LoadFinding =>
  finding.code === 'threshold'
    ? {
        code: 'threshold-undecided',
        expression: finding.expression,
        message: `${finding.message}; but some requests could not be sent`,
      }
    : finding;

/** How the run went on our side. */
export interface Circumstances {
  readonly fidelity: Fidelity;
  /** Why the generator, and not the target, was the limit. */
  readonly doubts: readonly string[];
  /** Requests of the warm-up that had no answer when all was over. */
  readonly leftOfWarmup: number;
  /** Patterns of checks that took too long and were given up. */
  readonly slowPatterns: readonly string[];
  /** The signal that interrupted it, if one did. */
  readonly interruptedBy?: string | undefined;
  /** Whether a handshake of TLS succeeded with what answered nothing in plain HTTP. */
  readonly speaksTls?: boolean;
}

function zeroWork(
  { counts, failures, latencyUs, target, ended }: Unjudged,
  { leftOfWarmup, speaksTls }: Circumstances,
): LoadFinding[] {
  const [first] = failures;
  // Of a target that nobody could connect to, since there was nothing left to do so with, nothing is known.
  if (isAllOurs(counts)) return [];
  if (latencyUs.service === null || latencyUs.service.count === 0) {
    // Whoever interrupts it has not waited for an answer.
    if (ended === 'interrupted' && first === undefined) return [];
    const why =
      first !== undefined
        ? `: ${first.message}`
        : leftOfWarmup > 0
          ? `: ${plural(leftOfWarmup, 'request')} of the warm-up had no answer yet`
          : '';
    const hint = `the target speaks TLS: ask it by ${target.replace(/^http:/, 'https:')}, in a suite by \`https: true\``;
    return [
      {
        code: 'zero-work',
        message: `not one request was answered${why}`,
        ...(speaksTls ? { hint } : {}),
      },
    ];
  }
  if (counts.checked === 0) return [{ code: 'zero-work', message: 'not one response was checked' }];
  return [];
}

/** A bound that forgives every failure forgives too much. */
function forgivenWhole(result: Unjudged, findings: readonly LoadFinding[]): LoadFinding[] {
  const { completed, failed } = result.counts;
  if (completed > 0 || isAllOurs(result.counts)) return [];
  if (findings.some(({ code }) => consequenceOf(code) === 'failed')) return [];
  const message = `not one request was answered as demanded, and all ${plural(failed, 'failure')} are tolerated`;
  const hint = 'if these answers are right, demand them: --expect-status, or `expect` in a config';
  return [{ code: 'zero-work', message, hint }, ...failuresOf(result, [])];
}

/**
 * A measurement of a saturated generator is one all the same; what it does not prove, the thresholds say. That it is refused
 * is one thing, and why the generator was the limit another: each is told once.
 */
function saturationFindings(doubts: readonly string[], { strict }: LoadPlan): LoadFinding[] {
  if (doubts.length === 0) return [];
  const refusal: LoadFinding = {
    code: 'saturation-refused',
    message: 'the load generator set the limit, which --strict (in a suite `strict: true`) does not accept',
  };
  return [
    ...(strict ? [refusal] : []),
    ...doubts.map((message): LoadFinding => ({ code: 'generator-saturated', message })),
  ];
}

/** What it would have said of the rest of the answers is not known. */
const slowPattern = (pattern: string): LoadFinding => ({
  code: 'slow-pattern',
  message: `${pattern} took too long on an answer, and was given up`,
  hint: SLOW_PATTERN_HINT,
  pattern,
});

/** @returns what was found; empty when all was well */
export function judgeLoad(result: Unjudged, plan: LoadPlan, circumstances: Circumstances): LoadFinding[] {
  const { fidelity, doubts, slowPatterns, interruptedBy } = circumstances;
  const findings = zeroWork(result, circumstances);
  // A bound that was broken does not hide what broke it.
  const broken = plan.thresholds.filter((_, index) => result.thresholds[index]?.holds !== true);
  const bounded = plan.thresholds
    .map(({ metric }) => metric)
    .filter((metric) => broken.every((threshold) => threshold.metric !== metric));
  // Where nothing works at all, a bound that forgives some failures does not hide why.
  findings.push(...failuresOf(result, findings.length > 0 ? [] : bounded));
  const judged = judgeThresholds(plan.thresholds, result, fidelity);
  const hasTrouble = findings.some(({ code }) => code === 'machine-trouble');
  findings.push(...(hasTrouble ? judged.map(undecided) : judged));
  findings.push(...slowPatterns.map(slowPattern), ...saturationFindings(doubts, plan));
  if (result.ended === 'interrupted')
    findings.push({
      code: 'ended-early',
      message:
        interruptedBy === undefined
          ? 'the load was ended before its time'
          : `the load was interrupted by ${interruptedBy}`,
    });
  if (result.ended === 'limit') findings.unshift(...forgivenWhole(result, findings));
  return findings;
}
