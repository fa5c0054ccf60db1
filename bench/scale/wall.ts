/**
 * What bounds the number of agents, on paper: `node --import tsx bench/scale/wall.ts`. The sizes are measured, on times as they are after ten minutes
 * at a thousand requests a second; the rest is calculated from them and from what the server allows.
 */
import { build } from 'hdr-histogram-js';
import { Random } from '../../src/core/random.ts';
import { sizeAtOnce } from '../../src/distributed/codec.ts';
import { mostAgents, roomOf } from '../../src/distributed/protocol.ts';
import { fitted, type LoadReport, leastSize, mergeReports, precisionOf } from '../../src/load/merge/index.ts';
import { Histogram } from '../../src/load/tally/histogram.ts';
import { Tally } from '../../src/load/tally/tally.ts';
import { asText, histogramOf } from '../../src/load/tally/text.ts';

const REQUESTS = 600_000;
const random = new Random(7, 0);

/** Log-normal, about 20 ms, in microseconds. */
function time(): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Math.round(20_000 * Math.exp(0.7 * normal));
}

function tallyOf(count: number): Tally {
  const tally = new Tally();
  tally.scheduled = count;
  tally.completed = count;
  for (let index = 0; index < count; index += 1) {
    const took = time();
    const lag = Math.round(50 * random.next() ** 4 * 20);
    tally.service.record(took);
    tally.response.record(took + lag);
    tally.sendLag.record(lag);
    tally.pace.record(lag);
  }
  return tally;
}

/** Of one agent, without its windows. */
function reportOf(part: number, agents: number, names: number): LoadReport {
  const each = Math.round(REQUESTS / agents);
  const text = (count: number) => asText(tallyOf(count).snapshot());
  return {
    parts: [
      {
        ...{ part, of: agents, threads: 1, isFinal: false, ended: 'limit', durationMs: 600_000, lateMs: 0 },
        ...{ cpuMs: 10, spinShare: 0, busiest: 0.1, maxLoopLagMs: 1, slots: 4, paceUs: 0 },
        ...{ scheduled: each, completed: each, failed: 0, timedOut: 0, neverSent: 0, inFlightAtEnd: 0 },
        ...{ answered: each, serviceUs: null },
      },
    ],
    total: text(each),
    named: names < 2 ? [] : Array.from({ length: names }, () => text(Math.ceil(each / names))),
    ...{ before: [], preparation: null, iterations: null, channel: null, failures: [] },
    windows: { width: 1, list: [] },
    ...{
      offeredMs: 600_000,
      leftOfWarmup: 0,
      isOvertime: false,
      slowPatterns: [],
      departures: [],
      shortened: 0,
    },
  };
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KB`;
const percent = (share: number): string => (share === 0 ? 'exact' : `${Math.round(share * 100)} %`);

function rowOf(agents: number, names: number): string {
  if (agents > mostAgents(leastSize(names)))
    return `| ${agents} | ${names} | refused: at most ${mostAgents(leastSize(names))} |  |  |  |`;
  const { told } = roomOf(agents);
  const report = reportOf(0, agents, names);
  const sent = fitted(report, told, { sizeOf: sizeAtOnce });
  const size = sizeAtOnce(sent);
  const { whole, named } = precisionOf(sent);
  const times = names < 2 ? percent(whole) : `${percent(whole)}, of a name ${percent(named)}`;
  const perSecond = `${((agents * size) / 1024 / 1024).toFixed(1)} MB`;
  return `| ${agents} | ${names} | ${kilobytes(sizeAtOnce(report))} | ${kilobytes(size)} | ${times} | ${perSecond} |`;
}

/** The largest difference from HdrHistogram on the same values, as a share; and what merging them takes, in milliseconds of CPU time. */
function mergedError(agents: number): { readonly error: number; readonly cpuMs: number } {
  const reference = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2 ** 32,
    numberOfSignificantValueDigits: 3,
  });
  const reports = Array.from({ length: agents }, (_, part) => {
    const tally = new Tally();
    for (let index = 0; index < 4000; index += 1) {
      const took = time();
      tally.service.record(took);
      reference.recordValue(took);
    }
    const report = reportOf(part, agents * 1000, 1);
    return { ...report, total: asText(tally.snapshot()) };
  });
  const before = process.cpuUsage();
  const { service } = mergeReports(reports).total;
  const { user, system } = process.cpuUsage(before);
  const merged = new Histogram();
  merged.add(histogramOf(service));
  const errors = [1, 10, 50, 90, 99, 99.9, 100].map((percentile) => {
    const exact = Math.min(reference.getValueAtPercentile(percentile), reference.maxValue);
    return Math.abs(merged.valueAt(percentile / 100) - exact) / exact;
  });
  return { error: Math.max(...errors), cpuMs: (user + system) / 1000 };
}

const rows = [2, 8, 50, 80, 500].flatMap((agents) => [1, 20, 101].map((names) => rowOf(agents, names)));
const merged = [2, 8, 50].map((agents) => {
  const { error, cpuMs } = mergedError(agents);
  return `${agents} agents: ${(error * 100).toFixed(3)} % from HdrHistogram, ${cpuMs.toFixed(0)} ms`;
});
process.stdout.write(
  [
    '| agents | names | a report | as it is told each second | times | told by all in a second |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...merged,
    '',
  ].join('\n'),
);
