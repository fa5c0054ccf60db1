/** A load in one line: its plan, and its result. Every run loads this, even without a load. */
import type { LoadModel, LoadPlan, LoadStage, LoadSummary } from '../../core/load.ts';
import { type LoadUnit, unitCounted, unitOf } from '../../core/load-channel.ts';
import { formatDuration, plural } from '../../core/units.ts';
import { formatCount, formatRate, showTime } from './format.ts';
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

/** `closed loop, 64 connections · 10.00 s after 1.00 s of warm-up · 2 threads` */
export function describeLoad(plan: Omit<LoadPlan, 'target'>): string {
  const { model, limit, warmup, workers, protocol, channel, pipelining, keepAlive, scenario } = plan;
  const unit = scenario === null ? unitOf(channel) : 'iteration';
  const length = limit.type === 'duration' ? formatDuration(limit.duration) : plural(limit.requests, unit);
  return [
    scenario === null ? showModel(model) : showUsers(model, scenario.users),
    warmup > 0 ? `${length} after ${formatDuration(warmup)} of warm-up` : length,
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
  const { counts, rate, latencyUs, channel } = load;
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
  return [
    plural(counts.scheduled, unitCounted(channel)),
    formatRate(rate.achieved),
    ...(response === null ? [] : [`p50 ${showTime(response, 'p50')}`, `p99 ${showTime(response, 'p99')}`]),
    told.length === 0 ? 'no errors' : told.join(', '),
    ...slowestName(load),
  ].join(', ');
}
