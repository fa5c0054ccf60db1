/** What a result says of the target, as findings. */
import type { Finding } from '../domain/finding.ts';
import type { LoadFailure, LoadPlan, LoadResult } from '../domain/load.ts';
import { plural } from '../domain/units.ts';
import { judgeThresholds } from './threshold/evaluate.ts';

export type Unjudged = Omit<LoadResult, 'verdict' | 'findings'>;

/** Metrics of failures: who sets a bound for them says how many are tolerated. */
const ABOUT_FAILURES = new Set(['errors', 'failed']);

function evidenceOf({ message, request, response, body }: LoadFailure): string[] {
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

function failuresOf({ counts, failures }: Unjudged): Finding[] {
  const { check, protocol, connect, tls } = counts.byFailure;
  const groups = [
    { code: 'unexpected-response', count: check, kinds: ['check'] },
    { code: 'protocol-error', count: protocol, kinds: ['protocol'] },
    {
      code: 'request-failed',
      count: connect + tls + counts.byFailure['cut-off'] + counts.timedOut,
      kinds: ['connect', 'tls', 'cut-off', 'timeout'],
    },
  ] as const;
  return groups.flatMap(({ code, count, kinds }): Finding[] => {
    const examples = failures.filter(({ kind }) => (kinds as readonly string[]).includes(kind));
    const [first] = examples;
    if (count === 0 && first === undefined) return [];
    const message =
      count === 0
        ? (first?.message ?? '')
        : `${plural(count, 'request')} of ${counts.scheduled.toLocaleString('en-US')} failed: ${first?.message ?? 'no example was kept'}`;
    return [{ code, message, evidence: examples.flatMap(evidenceOf), count }];
  });
}

function zeroWork({ counts, failures, latencyUs }: Unjudged): Finding[] {
  const [first] = failures;
  if (latencyUs.service === null || latencyUs.service.count === 0) {
    const why = first === undefined ? '' : `: ${first.message}`;
    return [{ code: 'zero-work', message: `not one request was answered${why}` }];
  }
  if (counts.checked === 0) return [{ code: 'zero-work', message: 'not one response was checked' }];
  return [];
}

/**
 * @param doubts why the generator, and not the target, was the limit
 * @returns what was found; empty when all was well
 */
export function judgeLoad(result: Unjudged, plan: LoadPlan, doubts: readonly string[]): Finding[] {
  const findings = zeroWork(result);
  const isTolerant = plan.thresholds.some(({ metric }) => ABOUT_FAILURES.has(metric));
  if (!isTolerant || findings.length > 0) findings.push(...failuresOf(result));
  // A server that sends what nobody asked for cannot be tolerated by a count of requests.
  else findings.push(...failuresOf(result).filter(({ code }) => code === 'protocol-error'));
  findings.push(...judgeThresholds(plan.thresholds, result));
  for (const message of doubts) findings.push({ code: 'generator-saturated', message });
  if (result.ended === 'interrupted')
    findings.push({ code: 'ended-early', message: 'the load was ended before its time' });
  return findings;
}
