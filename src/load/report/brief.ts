/** A load in one line: its plan, and its result. Every run loads this, even without a load. */
import { type LoadCapacity, longestSearch } from '../../core/capacity.ts';
import type {
  LoadFindRate,
  LoadModel,
  LoadPlan,
  LoadStage,
  LoadSummary,
  LoadWindow,
} from '../../core/load.ts';
import { type LoadUnit, unitCounted, unitOf } from '../../core/load-channel.ts';
import { formatDuration, type Ms, plural } from '../../core/units.ts';
import { formatBytes, formatCount, formatRate, showTime, sparkline } from './format.ts';
import { slowestName } from './names.ts';

function showStages(stages: readonly LoadStage[], level: (value: number) => string): string {
  const steps = stages.map(({ duration, from, to }) =>
    from === to
      ? `${level(to)} for ${formatDuration(duration)}`
      : `to ${level(to)} in ${formatDuration(duration)}`,
  );
  return `from ${level(stages[0]?.from ?? 0)} ${steps.join(', ')}`;
}

/** `closed loop, 50 users on 10 connections` */
function showUsers(model: LoadModel, users: number): string {
  const shared = `${plural(users, 'user')} on ${plural(model.connections, 'connection')}`;
  if (model.type === 'closed')
    return model.stages.length === 0
      ? `closed loop, ${shared}`
      : `closed loop, users ${showStages(model.stages, formatCount)}`;
  return `open loop, ${showRate(model)} iterations, at most ${shared}`;
}

function showRate({ rate, stages, arrivals }: Extract<LoadModel, { type: 'open' }>): string {
  const level = stages.length === 0 ? formatRate(rate) : showStages(stages, formatRate);
  return `${level}${arrivals === 'poisson' ? ', Poisson arrivals' : ''}`;
}

function showModel(model: LoadModel): string {
  if (model.type === 'closed')
    return model.stages.length === 0
      ? `closed loop, ${plural(model.connections, 'connection')}`
      : `closed loop, connections ${showStages(model.stages, formatCount)}`;
  return `open loop, ${showRate(model)}, at most ${plural(model.connections, 'connection')}`;
}

const CHANNELS: Readonly<Record<LoadUnit, string>> = {
  request: '',
  message: 'messages over WebSockets',
  connection: 'WebSockets kept open',
  stream: 'streams of events',
};

/** `about 5 min`, rounded up: it is a promise. */
const minutes = (span: number): string => `${Math.ceil(span / 60_000)} min`;

/** `the highest rate from 100/s to 20,000/s while p99 < 50ms, 10.00 s each, at most about 5 min` */
function showSearch(range: LoadFindRate, duration: Ms, warmup: Ms): string {
  const conditions = range.conditions.map(({ text }) => text).join(' and ');
  const each = `${formatDuration(duration)} each`;
  const longest = minutes(longestSearch(range, duration, warmup));
  return `the highest rate from ${formatRate(range.least)} to ${formatRate(range.most)} while ${conditions}, ${each}, at most ${longest}`;
}

/** `1,980/s holds, 2,030/s does not` */
export function capacityLine({ holds, fails, confirmed, levels }: LoadCapacity): string {
  const doubt = confirmed ? '' : ' (not confirmed)';
  if (holds === null) {
    if (fails !== null) return `not even ${formatRate(fails)} holds${doubt}`;
    return levels.length === 0 ? 'no rate was tried' : 'no rate is known to hold';
  }
  return fails === null
    ? `at least ${formatRate(holds)} holds${doubt}`
    : `${formatRate(holds)} holds, ${formatRate(fails)} does not${doubt}`;
}

/** The time set for a load on a server that is to stop is only the longest it may take. */
const showSpan = ({ departure }: Omit<LoadPlan, 'target'>, duration: Ms): string =>
  departure === undefined
    ? formatDuration(duration)
    : `until the server ${departure === 'stop' ? 'is gone' : 'has restarted'}`;

/** `closed loop, 64 connections · 10.00 s after 1.00 s of warm-up · 2 threads` */
export function describeLoad(plan: Omit<LoadPlan, 'target'>): string {
  const { model, limit, warmup, workers, protocol, channel, pipelining, keepAlive, scenario, findRate } =
    plan;
  const unit = scenario === null ? unitOf(channel) : 'iteration';
  const length = limit.type === 'duration' ? showSpan(plan, limit.duration) : plural(limit.requests, unit);
  const after = warmup > 0 ? `${length} after ${formatDuration(warmup)} of warm-up` : length;
  return [
    ...(findRate === null || limit.type === 'requests'
      ? [scenario === null ? showModel(model) : showUsers(model, scenario.users), after]
      : [showSearch(findRate, limit.duration, warmup)]),
    ...(workers > 1 ? [plural(workers, 'thread')] : []),
    ...(channel === null ? [] : [CHANNELS[unitOf(channel)]]),
    ...(protocol === 'http2' ? ['HTTP/2'] : []),
    ...(pipelining > 1 && channel === null
      ? [`${pipelining} ${protocol === 'http2' ? 'streams' : 'requests'} at a time on each`]
      : []),
    ...(keepAlive ? [] : ['a new connection for each request']),
  ].join(' · ');
}

/** A load in one line: `2,000 requests, 12,345/s, p50 1.20 ms, p99 3.40 ms, no errors`. */
export function loadLine(load: LoadSummary): string {
  const { counts, rate, latencyUs, channel, capacity, iterations } = load;
  if (capacity !== null) return capacityLine(capacity);
  const { response } = latencyUs;
  const errors = [
    [counts.failed, 'failed'],
    [counts.timedOut, 'timed out'],
    [counts.neverSent, 'never sent'],
    [channel?.refused ?? 0, 'not opened'],
    [channel?.lost ?? 0, 'lost'],
    [channel?.wrong ?? 0, 'wrong events'],
  ] as const;
  const told = errors.flatMap(([count, what]) => (count > 0 ? [`${formatCount(count)} ${what}`] : []));
  if (counts.scheduled === 0 && told.length === 0) return 'nothing was sent';
  return [
    ...(iterations === null ? [] : [plural(iterations.scheduled, 'iteration')]),
    plural(counts.scheduled, unitCounted(channel)),
    formatRate(rate.achieved),
    ...(response === null ? [] : [`p50 ${showTime(response, 'p50')}`, `p99 ${showTime(response, 'p99')}`]),
    told.length === 0 ? NO_ERRORS : told.join(', '),
    ...slowestName(load),
  ].join(', ');
}

const NO_ERRORS = 'no errors';

/** A load that does not do what it is asked to, by more than chance. */
const BEHIND = 0.99;

/** A load while it goes on, as of its latest second. */
export interface LoadNow {
  /** Those of earlier seconds included. */
  readonly errors: number;
  /** In milliseconds: how long it is to take, its warm-up included; null if that is not known. */
  readonly limitMs: number | null;
}

/**
 * `1,980/s of 2,000/s · p99 3.40 ms · no errors · 12.00 s left`
 *
 * @param columns how much room there is: that there are no errors is left out first
 */
export function loadNow(window: LoadWindow, now: LoadNow, columns = Number.POSITIVE_INFINITY): string {
  const { phase, rate, latencyUs, atMs, durationMs } = window;
  const { achieved, offered } = rate;
  const asked = achieved < offered * BEHIND ? ` of ${formatRate(offered)}` : '';
  const left = now.limitMs === null ? 0 : now.limitMs - atMs - durationMs;
  const parts = [
    ...(phase === 'warmup' ? ['warming up'] : []),
    `${formatRate(achieved)}${asked}`,
    latencyUs.response === null ? 'no response' : `p99 ${showTime(latencyUs.response, 'p99')}`,
    now.errors === 0 ? NO_ERRORS : plural(now.errors, 'error'),
    ...(left > 0 ? [`${formatDuration(left)} left`] : []),
  ];
  const line = parts.join(' · ');
  return line.length <= columns ? line : parts.filter((part) => part !== NO_ERRORS).join(' · ');
}

export { formatBytes, sparkline };
