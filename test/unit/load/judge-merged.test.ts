/** A load from several machines is judged as that of one; and without all that they were to send, nothing passes. */
import { describe, expect, test } from 'vitest';
import type { LoadFailure, LoadPlan, LoadResult } from '../../../src/core/load.ts';
import type { LoadAgentFate } from '../../../src/core/load-agent.ts';
import { parseThreshold } from '../../../src/core/threshold.ts';
import type { LoadFinding } from '../../../src/load/findings.ts';
import { type AgentFate, judgeMerged, mergeReports } from '../../../src/load/index.ts';
import { fitted } from '../../../src/load/merge/index.ts';
import type { LoadReport, PartReport } from '../../../src/load/merge/report.ts';
import { Tally } from '../../../src/load/tally/tally.ts';
import { asText } from '../../../src/load/tally/text.ts';
import { forMs, open, planFor } from './plans.ts';

interface Sent extends Partial<PartReport> {
  /** Requests that were answered in so many microseconds. */
  readonly answered?: number;
  readonly took?: number;
  /** Requests that were refused. */
  readonly refused?: number;
  /** Requests without an answer yet. */
  readonly pending?: number;
}

const REFUSED: LoadFailure = {
  ...{ kind: 'connect', name: 'GET /', message: 'GET / found no connection: refused', request: 'GET /' },
  ...{ response: null, body: null, captured: null },
};

function reportOf(part: number, sent: Sent = {}): LoadReport {
  const { answered = 1000, took = 5000, refused = 0, pending = 0, ...more } = sent;
  const tally = new Tally();
  tally.scheduled = answered + refused + pending;
  tally.completed = answered;
  tally.checked = answered;
  for (let count = 0; count < answered; count += 1) tally.answered(200);
  tally.service.record(took, answered);
  tally.response.record(took, answered);
  for (let count = 0; count < refused; count += 1) tally.fail('connect');
  if (more.isFinal !== false) tally.inFlightAtEnd = pending;
  const { scheduled, completed, failed, timedOut, neverSent, inFlightAtEnd } = tally;
  return {
    parts: [
      {
        ...{ part, of: 3, threads: 1, isFinal: true, ended: 'limit', durationMs: 10_000, lateMs: 0 },
        ...{ cpuMs: 10, spinShare: 0, busiest: 0.1, maxLoopLagMs: 1, slots: 4, paceUs: 0 },
        ...{ scheduled, completed, failed, timedOut, neverSent, inFlightAtEnd, answered },
        serviceUs: answered === 0 ? null : { count: answered, p50: took, p99: took, atLeast: [] },
        ...more,
      },
    ],
    ...{ total: asText(tally.snapshot()), named: [], before: [], preparation: null, iterations: null },
    ...{
      channel: null,
      windows: { width: 1, list: [] },
      offeredMs: more.isFinal === false ? 0 : 10_000,
      leftOfWarmup: 0,
    },
    ...{
      failures: refused > 0 ? [REFUSED] : [],
      isOvertime: false,
      slowPatterns: [],
      departures: [],
      shortened: 0,
    },
  };
}

const PLAN: Partial<LoadPlan> = { model: open(300), limit: forMs(10_000) };

const fates = (...all: LoadAgentFate[]): AgentFate[] =>
  all.map((fate, part) => ({ part, name: `host-${part}`, cores: 2, fate }));

const FINISHED = fates('finished', 'finished', 'finished');

const judge = (
  reports: readonly LoadReport[],
  agents: readonly AgentFate[],
  thresholds: readonly string[] = [],
  interruptedBy?: string,
): Promise<LoadResult<LoadFinding>> =>
  judgeMerged(
    planFor('http://127.0.0.1:1/', {
      ...PLAN,
      thresholds: thresholds.map((text) => {
        const parsed = parseThreshold(text);
        if (!parsed.ok) throw new Error(text);
        return parsed.value;
      }),
    }),
    ...([mergeReports(reports), agents] as const),
    { version: '0', measuredAtAbort: undefined, interruptedBy },
  );

const codes = ({ findings }: LoadResult<LoadFinding>): string[] => findings.map(({ code }) => code);

describe('all agents', () => {
  test('that finished pass, and have a row each', async () => {
    const result = await judge([reportOf(0), reportOf(1), reportOf(2)], FINISHED, [
      'p99 < 10ms',
      'rate > 290/s',
    ]);
    expect(result.findings).toEqual([]);
    expect(result).toMatchObject({ verdict: 'passed', counts: { scheduled: 3000 }, rate: { offered: 300 } });
    expect(result.agents).toMatchObject([
      { part: 0, name: 'host-0', fate: 'finished', cores: 2, sent: 1000, achieved: 100, saturated: false },
      { part: 1 },
      { part: 2 },
    ]);
  });

  test.for<[string, readonly LoadReport[], readonly AgentFate[], string]>([
    ['none of them', [], [], 'agents-missing'],
    ['nobody, though all are said to have finished', [], FINISHED, 'agents-missing'],
    ['only two', [reportOf(0), reportOf(2)], fates('finished', 'missing', 'finished'), 'agents-missing'],
    [
      'only two, though all are said to have finished',
      [reportOf(0), reportOf(2)],
      FINISHED,
      'agents-missing',
    ],
    [
      'only two, and nothing is said of the third',
      [reportOf(0), reportOf(1)],
      fates('finished', 'finished'),
      'agents-missing',
    ],
    [
      'one whose last report is not its last',
      [reportOf(0), reportOf(1), reportOf(2, { isFinal: false })],
      FINISHED,
      'agents-missing',
    ],
    [
      'one that fell silent',
      [reportOf(0), reportOf(1), reportOf(2, { isFinal: false })],
      fates('finished', 'finished', 'lost'),
      'agents-missing',
    ],
    [
      'one that was told to go',
      [reportOf(0), reportOf(1), reportOf(2)],
      fates('finished', 'left', 'finished'),
      'agent-ended-early',
    ],
    [
      'one that was interrupted',
      [reportOf(0), reportOf(1), reportOf(2, { ended: 'interrupted' })],
      FINISHED,
      'ended-early',
    ],
    [
      'one that gave up, though no condition held',
      [reportOf(0), reportOf(1), reportOf(2, { ended: 'aborted' })],
      FINISHED,
      'agent-ended-early',
    ],
    ['one that was late', [reportOf(0), reportOf(1, { lateMs: 32 }), reportOf(2)], FINISHED, 'agent-late'],
  ])('never pass with %s', async ([, reports, agents, code]) => {
    const result = await judge(reports, agents, ['p99 < 10ms']);
    expect(result.verdict).toBe('inconclusive');
    expect(codes(result)).toContain(code);
    // What was measured is shown.
    expect(result.counts.completed).toBe(reports.length * 1000);
    expect(result.agents?.length).toBeGreaterThan(0);
  });

  test('are named, with what is known of why', async () => {
    const agents = fates('finished', 'lost', 'finished').map((each) =>
      each.fate === 'lost' ? { ...each, host: 'build-7', why: 'it was not heard of for 5 s' } : each,
    );
    const { findings } = await judge([reportOf(0), reportOf(2, { lateMs: 32 })], agents);
    expect(findings.map(({ message }) => message)).toEqual([
      '2 of 3 agents sent all of their part; not host-1 on build-7, part 2 (it was not heard of for 5 s)',
      '1 of 3 agents began late, by up to 32 ms: host-2, part 3',
    ]);
  });
});

describe('of what was measured without all agents', () => {
  const LOST = fates('finished', 'finished', 'lost');
  const two = (sent: Sent = {}): LoadReport[] => [reportOf(0), reportOf(1, sent)];

  test.for([
    ['p99 < 1ms', 'threshold'],
    ['status.2xx == 0', 'threshold'],
    ['completed <= 10', 'threshold'],
    // More would have been sent.
    ['rate > 290/s', 'threshold-undecided'],
    ['completed == 3000', 'threshold-undecided'],
    ['p99 < 10ms', undefined],
  ])('%s is judged as %s', async ([text = '', code]) => {
    const result = await judge(two(), LOST, [text]);
    expect(codes(result)).toEqual([...(code === undefined ? [] : [code]), 'agents-missing']);
    expect(result.verdict).toBe(code === 'threshold' ? 'failed' : 'inconclusive');
  });

  test('failures fail it', async () => {
    const result = await judge(two({ refused: 3 }), LOST);
    expect(codes(result)).toEqual(['request-failed', 'agents-missing']);
    expect(result.verdict).toBe('failed');
  });

  test('that nothing was answered shows nothing, unless something failed', async () => {
    const silent = [reportOf(0, { answered: 0, isFinal: false })];
    const all = fates('lost', 'lost', 'missing');
    expect(codes(await judge(silent, all))).toEqual(['agents-missing']);
    const refused = await judge([reportOf(0, { answered: 0, refused: 4, isFinal: false })], all);
    expect(refused.verdict).toBe('failed');
    expect(codes(refused)).toContain('zero-work');
  });

  test('what had no answer when an agent fell silent never got one', async () => {
    const { counts, rate } = await judge(
      [...two(), reportOf(2, { isFinal: false, answered: 400, pending: 6, durationMs: 4000 })],
      LOST,
    );
    expect(counts).toMatchObject({ scheduled: 2406, completed: 2400, inFlightAtEnd: 6 });
    expect(rate.offered).toBeCloseTo(240.6, 5);
  });

  test('a signal that ended all is told', async () => {
    const ended = [0, 1, 2].map((part) => reportOf(part, { ended: 'interrupted' }));
    const { findings, verdict } = await judge(ended, FINISHED, [], 'SIGINT');
    expect(verdict).toBe('inconclusive');
    expect(findings.map(({ message }) => message)).toEqual(['the load was interrupted by SIGINT']);
  });
});

describe('a generator that was the bottleneck', () => {
  test.for<[string, Sent]>([
    ['its thread was busy', { busiest: 0.99 }],
    // As one that is stopped for 5 s: what it then sends is late, and takes long from when it was due.
    ['it picked up requests late', { paceUs: 4_000_000, took: 9000 }],
  ])('on one machine of three leaves open what it may have broken: %s', async ([, sent]) => {
    const result = await judge([reportOf(0), reportOf(1, sent), reportOf(2)], FINISHED, ['p99 < 8ms']);
    expect(result.agents?.map(({ saturated }) => saturated)).toEqual([false, true, false]);
    const saturated = result.findings.filter(({ code }) => code === 'generator-saturated');
    expect(saturated.map(({ message }) => message.startsWith('host-1: '))).toContain(true);
    expect(codes(result)).not.toContain('threshold');
  });
});

describe('what was too large to be sent whole', () => {
  /** Long enough that no step of the ladder is left: each time is known to 12 %. */
  const shortest = (took: number): LoadReport[] =>
    [0, 1, 2].map((part) => fitted(reportOf(part, { took, refused: part }), 0));

  test('is said, and counts and means are exact', async () => {
    const result = await judge(shortest(5000), FINISHED, ['mean == 5ms', 'errors < 5%']);
    const whole = await judge(
      [0, 1, 2].map((part) => reportOf(part, { refused: part })),
      FINISHED,
    );
    expect(result.counts).toEqual(whole.counts);
    expect(result.failures).toEqual([]);
    expect(result.precision).toEqual({ windows: 0.03225, whole: 0.126, named: 0.501 });
    expect(result.thresholds.map(({ holds }) => holds)).toEqual([true, true]);
    const [finding] = result.findings.filter(({ code }) => code === 'result-shortened');
    expect(finding?.message).toBe(
      'what the agents measured was too large to be sent whole: times are known to about 13 %, 0 failures kept as evidence',
    );
    expect(whole.precision).toEqual({ windows: 0.03225, whole: 0, named: 0 });
  });

  test.for([
    ['p99 < 6ms', 'passed'],
    ['p99 < 5100us', 'inconclusive'],
    ['p99 < 4900us', 'inconclusive'],
    ['p99 < 4ms', 'failed'],
    ['p99 > 4900us', 'inconclusive'],
    ['stdev < 1ms', 'inconclusive'],
    ['max < 5100us', 'inconclusive'],
  ])('decides a bound only if it is far enough away: %s', async ([threshold, verdict]) => {
    const result = await judge(
      [0, 1, 2].map((part) => fitted(reportOf(part, { took: 5000 }), 0)),
      FINISHED,
      [threshold ?? ''],
    );
    expect(result.verdict).toBe(verdict);
    if (verdict === 'inconclusive')
      expect(result.findings[0]?.message).toMatch(/known to about 13 %|not known well enough/);
  });
});
