/** What is about to be sent, in a line or two. */
import type { LoadModel, LoadPlan, LoadStage } from '../../domain/load.ts';
import { formatDuration, plural } from '../../domain/units.ts';
import { formatCount, formatRate } from './format.ts';

function showStages(stages: readonly LoadStage[], level: (value: number) => string): string {
  const steps = stages.map(({ duration, from, to }) =>
    from === to
      ? `${level(to)} for ${formatDuration(duration)}`
      : `to ${level(to)} in ${formatDuration(duration)}`,
  );
  return `from ${level(stages[0]?.from ?? 0)} ${steps.join(', ')}`;
}

function showModel(model: LoadModel): string {
  if (model.type === 'closed')
    return model.stages.length === 0
      ? `closed loop, ${plural(model.connections, 'connection')}`
      : `closed loop, connections ${showStages(model.stages, formatCount)}`;
  const rate = model.stages.length === 0 ? formatRate(model.rate) : showStages(model.stages, formatRate);
  const arrivals = model.arrivals === 'poisson' ? ', Poisson arrivals' : '';
  return `open loop, ${rate}${arrivals}, at most ${plural(model.connections, 'connection')}`;
}

/** `closed loop, 64 connections · 10.00 s after 1.00 s of warm-up · 2 threads` */
export function describeLoad(plan: Omit<LoadPlan, 'target'>): string {
  const { model, limit, warmup, workers, protocol, pipelining, keepAlive } = plan;
  const length =
    limit.type === 'duration' ? formatDuration(limit.duration) : plural(limit.requests, 'request');
  return [
    showModel(model),
    warmup > 0 ? `${length} after ${formatDuration(warmup)} of warm-up` : length,
    ...(workers > 1 ? [plural(workers, 'thread')] : []),
    ...(protocol === 'http2' ? ['HTTP/2'] : []),
    ...(pipelining > 1
      ? [`${pipelining} ${protocol === 'http2' ? 'streams' : 'requests'} at a time on each`]
      : []),
    ...(keepAlive ? [] : ['a new connection for each request']),
  ].join(' · ');
}
