/** What a person sees of a load run. */
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { LoadByName, LoadModel, LoadPlan, Threshold } from '../../../../src/core/load.ts';
import { parseThreshold } from '../../../../src/core/threshold.ts';
import { ms } from '../../../../src/core/units.ts';
import { evaluateThreshold, judgeThresholds } from '../../../../src/load/engine/threshold/evaluate.ts';
import { verdictOf } from '../../../../src/load/findings.ts';
import { describeLoad } from '../../../../src/load/report/brief.ts';
import { drawDistribution } from '../../../../src/load/report/distribution.ts';
import {
  formatBytes,
  formatRate,
  formatShare,
  formatTime,
  sparkline,
} from '../../../../src/load/report/format.ts';
import { loadFrame, progressLine } from '../../../../src/load/report/frame.ts';
import { loadText, measureText } from '../../../../src/load/report/text.ts';
import { createPaint } from '../../../../src/text/paint.ts';
import { latencyOf, RESPONSE, resultOf, spread, TROUBLED, windowOf } from '../../load/results.ts';

const PLAIN = createPaint(false);

function thresholds(...texts: string[]): Threshold[] {
  return texts.flatMap((text) => {
    const parsed = parseThreshold(text);
    return parsed.ok ? [parsed.value] : [];
  });
}

function print(result = resultOf(), demands: readonly Threshold[] = [], paint = PLAIN): string {
  const findings = [...result.findings, ...judgeThresholds(demands, result)];
  const judged = {
    ...result,
    thresholds: demands.map((threshold) => evaluateThreshold(threshold, result)),
    findings,
    verdict: verdictOf(findings),
  };
  return loadText(judged, paint).join('\n');
}

const PLAN: LoadPlan = {
  target: { url: 'http://localhost:8001/', address: null, unixSocket: null, localAddress: null },
  protocol: 'http1',
  model: { type: 'closed', connections: 64, stages: [] },
  findRate: null,
  limit: { type: 'duration', duration: ms(10_000) },
  warmup: ms(0),
  workers: 1,
  timeouts: { connect: ms(5000), response: ms(10_000) },
  keepAlive: true,
  pipelining: 1,
  scenario: null,
  requests: [{ name: 'GET /', weight: 1, method: 'GET', path: '/', headers: [], body: null, checks: [] }],
  channel: null,
  data: null,
  tls: { verify: true, ca: null, cert: null, key: null, serverName: null },
  checkEvery: 1,
  thresholds: [],
  abortOn: [],
  strict: false,
  saveFailures: null,
  seed: 1,
};

describe('the final report', () => {
  test('fits a terminal of the usual width', () => {
    const lines = print(TROUBLED, thresholds('p99 < 20s')).split('\n');
    // A list and a sentence can be read when they are broken; a table cannot.
    const tables = lines.filter((line) => !/^(?: {2}requests|[A-Z])/.test(line));
    expect(tables.length).toBeGreaterThan(30);
    expect(tables.filter((line) => line.length > 80)).toEqual([]);
  });

  test('of a run that went well', () => {
    expect(print(resultOf(), thresholds('p99 < 50ms', 'errors == 0'))).toMatchInlineSnapshot(`
      "  requests      1,000 due: 1,000 completed
        status        200: 1,000
        rate          500/s answered of 500/s that were due, over 2.00 s
        bytes         100 KB sent, 500 KB received (250 KB/s)

        latency              p50       p90       p99     p99.9       max      mean
        response         25.5 ms   45.1 ms   49.5 ms   50.0 ms   50.0 ms   25.5 ms
        service          10.4 ms   18.1 ms   19.8 ms   20.0 ms   20.0 ms   10.4 ms
        send lag          200 µs    360 µs    396 µs    400 µs    400 µs    201 µs
        response: from when it was due; service: from when it was sent

        response times, each with its share and the cumulative share
            1 ms – 1.5 ms   █                                       1.10 %    1.10 %
          1.5 ms – 2 ms     ▉                                       1.00 %    2.10 %
            2 ms – 3 ms     █▊                                      2.00 %    4.10 %
            3 ms – 5 ms     ███▋                                    4.10 %    8.20 %
            5 ms – 7 ms     ███▋                                    4.10 %   12.30 %
            7 ms – 10 ms    █████▍                                  6.10 %   18.40 %
           10 ms – 15 ms    █████████                              10.20 %   28.60 %
           15 ms – 20 ms    █████████                              10.20 %   38.80 %
           20 ms – 30 ms    ██████████████████                     20.40 %   59.20 %
           30 ms – 50 ms    ████████████████████████████████████   40.80 %  100.00 %

        generator     83 ms CPU (4.2 % of a core)
                      1 thread, longest pause 400 µs: not the bottleneck

        ✓ p99 < 50ms   49.5 ms
        ✓ errors == 0  0

      PASSED  1,000 requests completed in 2.00 s"
    `);
  });

  test('of a run that did not', () => {
    const demands = thresholds('p50 < 10ms', 'p99 < 100ms', 'rate >= 400/s', 'target.rss.growth < 5MB');
    expect(print(TROUBLED, demands)).toMatchInlineSnapshot(`
      "  requests      1,000 due: 900 completed, 40 failed, 20 timed out, 15 unanswered at the end, 25 never sent
        status        200: 900, 500: 25, 503: 5
        failed        did not pass its checks: 30, cut off: 10
        rate          500/s answered of 500/s that were due, over 2.00 s
        bytes         100 KB sent, 500 KB received (250 KB/s)

        latency              p50       p90       p99     p99.9       max      mean
        response         25.5 ms   45.1 ms ≥ 49.5 ms ≥ 50.0 ms ≥ 50.0 ms ≥ 25.5 ms
        service          10.4 ms   18.1 ms   19.8 ms   20.0 ms   20.0 ms   10.4 ms
        send lag          200 µs    360 µs    396 µs    400 µs    400 µs    201 µs
        response: from when it was due; service: from when it was sent

        response times, each with its share and the cumulative share
            1 ms – 1.5 ms   █                                       1.00 %    1.00 %
          1.5 ms – 2 ms     ▉                                       0.90 %    1.90 %
            2 ms – 3 ms     █▊                                      1.90 %    3.80 %
            3 ms – 5 ms     ███▋                                    3.80 %    7.60 %
            5 ms – 7 ms     ███▋                                    3.80 %   11.40 %
            7 ms – 10 ms    █████▍                                  5.70 %   17.10 %
           10 ms – 15 ms    █████████                               9.50 %   26.60 %
           15 ms – 20 ms    █████████                               9.50 %   36.10 %
           20 ms – 30 ms    █████████████████▉                     18.90 %   55.00 %
           30 ms – 50 ms    ████████████████████████████████████   38.00 %   93.00 %
          no response       ██████▋                                 7.00 %  100.00 %

        did not pass its checks: 30 requests
          GET /document answered 500, expected 200–299
            > GET /document HTTP/1.1
            > Host: localhost:8001
            < HTTP/1.1 500 Internal Server Error
            < Content-Length: 4
            < oops
          GET /document answered 503, expected 200–299
        cut off: 10 requests
          GET /document was cut off: the connection broke (ECONNRESET)
            > GET /document HTTP/1.1
            > Host: localhost:8001
        timed out: 20 requests
          GET /document had no response within 5.00 s
            > GET /document HTTP/1.1
            > Host: localhost:8001

        generator     83 ms CPU (4.2 % of a core)
                      1 thread, longest pause 400 µs: not the bottleneck
        target        900 ms CPU (45 % of a core)
                      memory 50.0 MB → 57.5 MB, peak 60.0 MB
                      threads 11 → 11, peak 12; descriptors 20 → 85, peak 90

        ✗ p50 < 10ms               25.5 ms
        ? p99 < 100ms              ≥ 49.5 ms
        ✓ rate >= 400/s            500/s
        ✗ target.rss.growth < 5MB  7.5 MB

      FAILED  "p50 < 10ms" was not met: p50 is 25.5 ms
        "target.rss.growth < 5MB" was not met: target.rss.growth is 7.5 MB
        "p99 < 100ms" cannot be judged: p99 is at least 49.5 ms, since requests without a response took at least that long
        → run for longer, or raise the timeout, so that fewer responses are missing
        more: shakedown explain threshold"
    `);
  });

  test('of a run without a single response', () => {
    const nothing = resultOf({
      counts: {
        ...resultOf().counts,
        completed: 0,
        failed: 1000,
        byStatus: {},
        byFailure: { ...resultOf().counts.byFailure, connect: 1000 },
      },
      rate: { offered: 500, achieved: 0 },
      latencyUs: { response: null, service: null, sendLag: null },
      ended: 'unreachable',
      findings: [{ code: 'zero-work', message: 'no request was answered: the connection was refused' }],
    });
    const text = print(nothing);
    expect(text).toContain('1,000 due: 0 completed, 1,000 failed');
    expect(text).not.toContain('p99');
    expect(text).toContain('FAILED  no request was answered: the connection was refused');
  });

  test('marks every percentile of which only a lower bound is known', () => {
    const response = TROUBLED.latencyUs.response;
    const row = print(TROUBLED)
      .split('\n')
      .find((line) => line.startsWith('  response  '));
    expect(response?.atLeast).toContain('p99');
    expect(row).toMatch(/ 25\.5 ms +45\.1 ms +≥ 49\.5 ms +≥ \S+ ms +≥ 50\.0 ms +≥ /);
  });

  test('says when the generator was the bottleneck: a warning, and a refusal where it is asked to be strict', () => {
    const generator = { cpuMs: 1990, spinMs: 0, threads: 1, saturated: true, maxLoopLagMs: 120 };
    const message = 'a thread of the load generator was busy for 99 % of its time';
    const warning = { code: 'generator-saturated', message } as const;
    const text = print(resultOf({ generator, findings: [warning] }));
    expect(text).toContain('longest pause 120 ms: it was the bottleneck');
    expect(text).toContain(`PASSED  1,000 requests completed in 2.00 s\n  warning: ${message}`);
    const refusal = { code: 'saturation-refused', message: 'strict' } as const;
    const strict = print(resultOf({ generator, findings: [warning, refusal] }));
    expect(strict).toContain(`INCONCLUSIVE  strict\n  warning: ${message}`);
  });

  test('says that not every response was checked', () => {
    const counts = { ...resultOf().counts, checked: 100 };
    expect(print(resultOf({ checkEvery: 10, counts }))).toContain('checked       1 response in 10: 100');
  });

  test('is the same in colour', () => {
    const demands = thresholds('p50 < 10ms', 'p99 < 100ms');
    const colored = print(TROUBLED, demands, createPaint(true));
    expect(colored).not.toBe(print(TROUBLED, demands));
    expect(stripVTControlCharacters(colored)).toBe(print(TROUBLED, demands));
  });
});

describe('a distribution', () => {
  const draw = (times: readonly number[], missing = 0): string[] =>
    drawDistribution(latencyOf(times).hdr, missing);

  test.each([
    ['one time', [5000]],
    ['nothing but zero', [0, 0, 0]],
    ['one microsecond', [1, 1]],
    ['times that are close together', spread(200_000, 201_000, 500)],
    ['a wide range', [10, 100, 1000, 10_000, 100_000, 1_000_000, 100_000_000]],
    ['every microsecond', spread(0, 3000, 3001)],
    ['an hour', [1, 3_600_000_000]],
  ])('of %s holds every sample, in at most so many rows', (_, times) => {
    const lines = draw(times);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(16);
    expect(lines.at(-1)).toMatch(/100\.00 %$/);
    const shares = lines.map((line) => Number(/([\d.]+) % +[\d.]+ %$/.exec(line)?.[1]));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0);
  });

  test('has a row for those without a response', () => {
    expect(draw([1000, 1000, 1000], 1).at(-1)).toMatch(/^ +no response +█{12} +25\.00 % +100\.00 %$/);
  });

  test('of nothing is empty', () => {
    expect(draw([])).toEqual([]);
  });
});

describe('the live view', () => {
  const windows = [1, 2, 4, 8].map((factor, index) =>
    windowOf(index * 1000, {
      rate: { offered: 500, achieved: 100 * factor },
      latencyUs: { response: latencyOf([1000 * factor]), service: null, sendLag: null },
    }),
  );

  test('before anything came', () => {
    expect(loadFrame({ ...PLAN, warmup: ms(2000) }, [], 500, PLAIN)).toMatchInlineSnapshot(`
      [
        "  warming up █······················· 500 ms, 11.50 s left",
        "  rate       0/s          ",
        "  p99        –            ",
        "  response   no response yet",
        "  errors     0",
        "  in flight  0",
      ]
    `);
  });

  test('while it goes on', () => {
    expect(loadFrame(PLAN, windows, 4200, PLAIN)).toMatchInlineSnapshot(`
      [
        "  measuring  ██████████▏············· 4.20 s, 5.80 s left",
        "  rate       800/s        ▂▃▅█",
        "  p99        8.00 ms      ▂▃▅█",
        "  response   p50 8.00 ms     p99 8.00 ms     max 8.00 ms    ",
        "  errors     4 failed",
        "  in flight  1",
      ]
    `);
  });

  test('of a number of requests tells how many are left', () => {
    const plan: LoadPlan = { ...PLAN, limit: { type: 'requests', requests: 3996 } };
    expect(loadFrame(plan, windows, 4000, PLAIN)[0]).toContain('2,000 requests left');
  });

  test('in a log is one line', () => {
    expect(progressLine(windows, PLAN, PLAIN)).toBe(
      '    4.00 s  800/s, p50 8.00 ms, p99 8.00 ms, errors 4 failed, 6.00 s left',
    );
    expect(progressLine([], PLAN, PLAIN)).toBe('');
  });

  test('draws values from zero up, and gaps', () => {
    expect(sparkline([0, 1, 2, null, 7])).toBe('▁▂▃ █');
    expect(sparkline([0, 0])).toBe('▁▁');
    expect(sparkline([])).toBe('');
  });
});

test.each<[string, Partial<LoadPlan>]>([
  ['closed loop, 64 connections · 10.00 s', {}],
  ['closed loop, 64 connections · 5 requests', { limit: { type: 'requests', requests: 5 } }],
  [
    'open loop, 500/s, Poisson arrivals, at most 100 connections · 10.00 s after 1.00 s of warm-up · 2 threads',
    {
      model: { type: 'open', rate: 500, arrivals: 'poisson', stages: [], connections: 100 },
      warmup: ms(1000),
      workers: 2,
    },
  ],
  [
    'open loop, from 0/s to 100/s in 5.00 s, 100/s for 5.00 s, at most 10 connections · 10.00 s',
    {
      model: {
        type: 'open',
        rate: 100,
        arrivals: 'constant',
        connections: 10,
        stages: [
          { duration: ms(5000), from: 0, to: 100 },
          { duration: ms(5000), from: 100, to: 100 },
        ],
      } satisfies LoadModel,
    },
  ],
  [
    'closed loop, 64 connections · 10.00 s · HTTP/2 · 8 streams at a time on each',
    { protocol: 'http2', pipelining: 8 },
  ],
  ['closed loop, 64 connections · 10.00 s · a new connection for each request', { keepAlive: false }],
  [
    'the highest rate from 100/s to 20,000/s while p99 < 50ms and errors < 1%, 10.00 s each, at most 5 min · 2 threads',
    {
      findRate: { conditions: thresholds('p99 < 50ms', 'errors < 1%'), start: 100, least: 100, most: 20_000 },
      warmup: ms(2000),
      workers: 2,
    },
  ],
])('a plan is told as: %s', (text, more) => {
  expect(describeLoad({ ...PLAN, ...more })).toBe(text);
});

test('numbers read well', () => {
  expect(
    [0, 7, 999, 1000, 45_600, 123_456, 999_700, 3_000_000, 61_000_000, 180_000_000].map(formatTime),
  ).toEqual([
    '0 µs',
    '7 µs',
    '999 µs',
    '1.00 ms',
    '45.6 ms',
    '123 ms',
    '1.00 s',
    '3.00 s',
    '61.0 s',
    '3.0 min',
  ]);
  expect([0, 512, 1234, 5_600_000, 7_000_000_000].map(formatBytes)).toEqual([
    '0 B',
    '512 B',
    '1.23 KB',
    '5.60 MB',
    '7.00 GB',
  ]);
  expect([0, 1.234, 99.5, 12_345.6].map(formatRate)).toEqual(['0/s', '1.23/s', '99.5/s', '12,346/s']);
  expect([0, 0.00123, 0.095, 0.5, 2].map(formatShare)).toEqual(['0 %', '0.12 %', '9.5 %', '50 %', '200 %']);
});

describe('several requests', () => {
  const named = (name: string, p99: number, failed = 0): LoadByName => {
    const { latencyUs, counts, bytes, rate } = resultOf();
    const response = { ...RESPONSE, p99, max: p99 * 2 };
    return {
      name,
      part: 'load',
      counts: { ...counts, failed },
      bytes,
      rate,
      latencyUs: { ...latencyUs, response },
    };
  };
  const tableOf = (byName: LoadByName[]): string[] => {
    const lines = measureText(resultOf({ byName }), [], PLAIN);
    const from = lines.findIndex((line) => line.startsWith('  by name'));
    return from === -1 ? [] : lines.slice(from, lines.indexOf('', from));
  };

  test('have a row each, the slowest first', () => {
    expect(tableOf([named('GET /items', 2000), named('create', 80_000, 12)])).toMatchInlineSnapshot(`
      [
        "  by name     requests  failed     rate      p50      p99      max",
        "  create         1,000      12    500/s  25.5 ms  80.0 ms   160 ms",
        "  GET /items     1,000       0    500/s  25.5 ms  2.00 ms  4.00 ms",
      ]
    `);
  });

  test('that prepared users are marked, and are in nobody else’s way', () => {
    const login = { ...named('login', 500_000), part: 'before' as const };
    const lines = tableOf([named('read', 1000), login]);
    expect(lines[1]).toMatch(/^ {2}\(login\) /);
    expect(lines.at(-1)).toBe('  (in brackets): before the load, to prepare its users');
  });

  test('of a single name have none', () => {
    expect(tableOf([])).toEqual([]);
  });

  test('of many names are those that failed, and the slowest', () => {
    const many = Array.from({ length: 101 }, (_, index) =>
      named(index === 100 ? '(others)' : `n${index}`, index),
    );
    const lines = tableOf([named('failing', 1, 5), ...many]);
    expect(lines).toHaveLength(1 + 12 + 2);
    expect(lines.slice(-2)).toEqual([
      '  and 90 more: in the JSON',
      '  (others): all names beyond the first hundred',
    ]);
    expect(lines.at(-3)).toMatch(/^ {2}failing /);
  });

  test('have their names in one short line, whatever is in them', () => {
    const hostile = '\u001b[31m<script>alert(1)</script>\n::error::x\r\u202e';
    const lines = tableOf([named(hostile, 2000), named(`GET /${'very/'.repeat(1000)}long`, 1000)]);
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map(({ length }) => length))).toEqual(new Set([78]));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(lines[2]).toMatch(/^ {2}GET \/very\/v…\/very\/long /);
  });
});

test('within a component its verdict cannot be taken for that of the run', () => {
  const lines = loadText(resultOf(), PLAIN, true).join('\n');
  expect(lines).toMatch(/\nload: passed {2}\S/);
  expect(lines).not.toContain('PASSED');
});
