/** What a load run writes for machines, read by the tools of the field. */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  HistogramLogReader,
  initWebAssemblySync,
} from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import type { NamedWindow } from '../../../../src/core/load.ts';
import { decodeHdr, encodeHdr } from '../../../../src/load/hdr/encoding.ts';
import { csvHead, csvLines } from '../../../../src/load/report/csv.ts';
import { hlogHead, hlogLines } from '../../../../src/load/report/hlog.ts';
import { loadJson } from '../../../../src/load/report/json.ts';
import { Histogram } from '../../../../src/load/tally/histogram.ts';
import fc from '../../../rig/fast-check.ts';
import { RESPONSE, resultOf, SEND_LAG, SERVICE, TROUBLED, windowOf } from '../../load/results.ts';

initWebAssemblySync();

describe('a histogram of a result', () => {
  const times = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 200 });

  test('is read back, every value within its bucket', () => {
    fc.assert(
      fc.property(times, (values) => {
        const histogram = new Histogram();
        for (const value of values) histogram.record(value);
        const buckets = decodeHdr(encodeHdr(histogram));
        const inOrder = [...values].sort((a, b) => a - b);
        expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
        for (const { from, to, count } of buckets)
          for (const value of inOrder.splice(0, count)) {
            expect(value).toBeGreaterThanOrEqual(from);
            expect(value).toBeLessThan(to);
          }
      }),
      { numRuns: 50 },
    );
  });

  test('is read also when HdrHistogram has written it', () => {
    const theirs = build({ highestTrackableValue: 2 ** 32 - 1, numberOfSignificantValueDigits: 3 });
    for (const value of [0, 1, 2047, 2048, 5_000_000]) theirs.recordValue(value);
    expect(decodeHdr(encodeIntoCompressedBase64(theirs)).map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 2],
      [2047, 2048],
      [2048, 2050],
      [4_997_120, 5_001_216],
    ]);
  });
});

describe('an HDR log', () => {
  const windows = [windowOf(0, { phase: 'warmup' }), windowOf(1000), windowOf(2000, { durationMs: 500 })];
  const latencyUs = { response: RESPONSE, service: SERVICE, sendLag: SEND_LAG };
  const log =
    hlogHead('0.1.0', new Date('2026-01-05T02:45:34.123Z')) +
    windows.map((window) => hlogLines(window, latencyUs, [])).join('');

  test('is read by HdrHistogram: every measured window, the response times without a tag', () => {
    const reader = new HistogramLogReader(log);
    const read: [string, number, number, number][] = [];
    for (let next = reader.nextIntervalHistogram(); next !== null; next = reader.nextIntervalHistogram())
      read.push([next.tag, next.totalCount, next.startTimeStampMsec, next.endTimeStampMsec]);
    const [base, end] = [1_767_581_135_123, 1_767_581_136_123];
    expect(read).toEqual([
      ['NO TAG', 1000, base, end],
      ['service', 1000, base, end],
      ['sendLag', 1000, base, end],
      ['NO TAG', 1000, end, end + 500],
      ['service', 1000, end, end + 500],
      ['sendLag', 1000, end, end + 500],
    ]);
  });

  test('has times from a base, the interval, and its maximum in milliseconds', () => {
    const lines = log.split('\n');
    expect(lines.slice(0, 5)).toEqual([
      '#[Logged with shakedown 0.1.0]',
      '#[Histogram log format version 1.3]',
      '#[StartTime: 1767581134.123 (seconds since epoch), 2026-01-05T02:45:34.123Z]',
      '#[BaseTime: 1767581134.123 (seconds since epoch)]',
      '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ]);
    expect(lines.slice(5, -1).map((line) => line.replace(/,HIST.*/, ''))).toEqual([
      '1.000,1.000,50.000',
      'Tag=service,1.000,1.000,20.000',
      'Tag=sendLag,1.000,1.000,0.400',
      '2.000,0.500,50.000',
      'Tag=service,2.000,0.500,20.000',
      'Tag=sendLag,2.000,0.500,0.400',
    ]);
  });

  test('holds the service times under their tag', () => {
    const line = log.split('\n').find((each) => each.startsWith('Tag=service')) ?? '';
    const histogram = decodeFromCompressedBase64(line.split(',').at(-1) ?? '');
    expect(histogram.totalCount).toBe(SERVICE.count);
  });
});

describe('CSV', () => {
  const target = { cpuMs: 1234, rssBytes: 50_000_000, processes: 2, threads: 12, descriptors: 40 };
  const nothing = { response: null, service: null, sendLag: null };
  const windows = [windowOf(0, { phase: 'warmup', latencyUs: nothing }), windowOf(1000, { target })];
  const rows = [csvHead(false), ...windows.map((window) => csvLines(window, null))]
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  const cell = (row: number, name: string): string | undefined => rows[row]?.[rows[0]?.indexOf(name) ?? -1];

  test('has a head and a line a window, all of them as long', () => {
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map(({ length }) => length)).size).toBe(1);
    expect(new Set(rows[0]).size).toBe(rows[0]?.length);
  });

  test.each([
    ['atMs', '0', '1000'],
    ['phase', 'warmup', 'measured'],
    ['completed', '498', '498'],
    ['rate.achieved', '499', '499'],
    ['response.p99', '', String(RESPONSE.p99)],
    ['service.max', '', '20000'],
    ['target.rssBytes', '', '50000000'],
    ['generator.cpuMs', '41.5', '41.5'],
  ])('%s', (name, first, second) => {
    expect([cell(1, name), cell(2, name)]).toEqual([first, second]);
  });
});

describe('JSON', () => {
  test('has the names of the result, and nothing else', () => {
    expect(JSON.parse(loadJson(TROUBLED))).toEqual(TROUBLED);
  });

  test('keeps small shares, and drops digits that nobody measured', () => {
    const thresholds = [
      { expression: 'failed < 0.1%', actual: 0.000123456789012, atLeast: false, holds: true },
      { expression: 'completed > 1', actual: 1_234_567_890_123, atLeast: false, holds: true },
    ];
    const read = JSON.parse(loadJson(resultOf({ thresholds })));
    expect(read.thresholds.map(({ actual }: { actual: number }) => actual)).toEqual([
      0.000123456789, 1_234_567_890_123,
    ]);
  });
});

describe('of several names', () => {
  const named = (name: string): NamedWindow => ({
    name,
    counts: { completed: 3, failed: 1, timedOut: 0, neverSent: 0 },
    bytes: { sent: 30, received: 40 },
    rate: { achieved: 4 },
    latencyUs: { response: RESPONSE, service: null, sendLag: null },
  });
  const hostile = `a,"b"\n<script>\u001b[31m${'x'.repeat(5000)}`;
  const byName = [named('GET /items'), named('GET,/items'), named('service'), named(hostile)];

  test('the CSV has a line for each, after that of all, all of them as long', () => {
    const lines = [
      csvHead(true),
      csvLines(windowOf(0, { phase: 'warmup' }), []),
      csvLines(windowOf(0), byName),
    ]
      .join('')
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(2 + 1 + byName.length);
    const [head = '', warmup = '', whole = '', first = ''] = lines;
    expect(head.endsWith(',name')).toBe(true);
    for (const line of [warmup, whole]) expect(line.split(',')).toHaveLength(head.split(',').length);
    const cells = first.split(',');
    const cell = (name: string): string | undefined => cells[head.split(',').indexOf(name)];
    expect(['completed', 'scheduled', 'bytes.received', 'rate.achieved', 'name'].map(cell)).toEqual([
      ...['3', '', '40', '4', '"GET /items"'],
    ]);
    expect(cell('response.p99')).toBe(String(RESPONSE.p99));
    expect(lines.at(-1)).toContain('"a,""b""');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f]/);
  });

  test('the HDR log has their response times, each under a tag of its own', () => {
    const lines = hlogLines(windowOf(0), { response: RESPONSE, service: SERVICE, sendLag: null }, byName);
    const reader = new HistogramLogReader(hlogHead('0', new Date(0)) + lines);
    const tags: string[] = [];
    for (let next = reader.nextIntervalHistogram(); next !== null; next = reader.nextIntervalHistogram())
      tags.push(next.tag);
    expect(tags.slice(0, 5)).toEqual(['NO TAG', 'service', 'GET_/items', 'GET_/items_2', 'service_2']);
    expect(tags).toHaveLength(6);
    expect(tags[5]).toMatch(/^\S+$/);
  });
});
