/** The progress of a load: a live view, or an occasional line where there is no terminal. */
import type { LatencyMeasures, LoadPlan, LoadWindow } from '../../core/load.ts';
import { unitOf } from '../../core/load-channel.ts';
import { formatDuration, ms, plural } from '../../core/units.ts';
import type { Paint } from '../../text/paint.ts';
import { openText, UNIT_LABELS } from './channel.ts';
import { bar } from './distribution.ts';
import { formatCount, formatRate, showTime, sparkline } from './format.ts';

const SPARK_WINDOWS = 40;
const BAR = 24;

type Totals = Pick<LoadWindow['counts'], 'completed' | 'failed' | 'timedOut' | 'neverSent'>;

function totalsOf(windows: readonly LoadWindow[]): Totals {
  const sum = (name: keyof Totals): number => windows.reduce((total, { counts }) => total + counts[name], 0);
  return {
    completed: sum('completed'),
    failed: sum('failed'),
    timedOut: sum('timedOut'),
    neverSent: sum('neverSent'),
  };
}

/** The share done, from 0 to 1, and what is left. */
function progressOf(plan: LoadPlan, elapsedMs: number, totals: Totals): { share: number; left: string } {
  const { limit, warmup } = plan;
  if (limit.type === 'duration') {
    const whole = warmup + limit.duration;
    return {
      share: Math.min(1, elapsedMs / whole),
      left: `${formatDuration(Math.max(0, whole - elapsedMs))} left`,
    };
  }
  const done = totals.completed + totals.failed + totals.timedOut + totals.neverSent;
  return {
    share: Math.min(1, done / limit.requests),
    left: `${formatCount(Math.max(0, limit.requests - done))} ${UNIT_LABELS[unitOf(plan.channel)]} left`,
  };
}

function latencyText(latency: LatencyMeasures | null, paint: Paint): string {
  if (latency === null) return paint.dim('no response yet');
  const [p50, p99, max] = (['p50', 'p99', 'max'] as const).map((name) =>
    `${paint.dim(name)} ${showTime(latency, name)}`.padEnd(paint.dim('').length + 15),
  );
  return `${p50} ${p99} ${max}`;
}

function errorText({ failed, timedOut, neverSent }: Totals, paint: Paint): string {
  const parts = [
    [failed, 'failed', paint.bad],
    [timedOut, 'timed out', paint.bad],
    [neverSent, 'never sent', paint.warn],
  ] as const;
  const told = parts.flatMap(([count, what, tint]) =>
    count > 0 ? [tint(`${formatCount(count)} ${what}`)] : [],
  );
  return told.length === 0 ? '0' : told.join(', ');
}

/**
 * @param windows that have ended
 * @param elapsedMs time since the run started
 * @returns the lines of the live view, which the screen truncates
 */
export function loadFrame(
  plan: LoadPlan,
  windows: readonly LoadWindow[],
  elapsedMs: number,
  paint: Paint,
): string[] {
  const totals = totalsOf(windows.filter(({ phase }) => phase === 'measured'));
  const { share, left } = progressOf(plan, elapsedMs, totals);
  const phase = elapsedMs < plan.warmup ? 'warming up' : 'measuring';
  const last = windows.at(-1);
  const shown = windows.slice(-SPARK_WINDOWS);
  const p99s = shown.map(({ latencyUs }) => latencyUs.response?.p99 ?? null);
  const rates = shown.map(({ rate }) => rate.achieved);
  const label = (name: string): string => `  ${paint.dim(name.padEnd(10))}`;
  return [
    `  ${paint.warn(phase.padEnd(10))} ${bar(share, BAR).padEnd(BAR, '·')} ${formatDuration(elapsedMs)}, ${left}`,
    `${label('rate')} ${formatRate(last?.rate.achieved ?? 0).padEnd(12)} ${sparkline(rates)}`,
    `${label('p99')} ${(last?.latencyUs.response == null ? '–' : showTime(last.latencyUs.response, 'p99')).padEnd(12)} ${sparkline(p99s)}`,
    `${label('response')} ${latencyText(last?.latencyUs.response ?? null, paint)}`,
    `${label('errors')} ${errorText(totals, paint)}`,
    `${label('in flight')} ${formatCount(last?.counts.inFlight ?? 0)}`,
    ...openText(last).map((text) => `${label('open')} ${text}`),
  ];
}

/** Ahead of the load: `37 of 100 users are ready`. */
export const preparingText = ({ scenario }: Pick<LoadPlan, 'scenario'>, isIn: number): string =>
  `${formatCount(isIn)} of ${plural(scenario?.users ?? 0, 'user')} are ready`;

/** Progress in one line: rate and latency of the last window, all errors so far, and what is left. */
export function progressText(windows: readonly LoadWindow[], plan: LoadPlan, paint: Paint): string {
  const last = windows.at(-1);
  if (last === undefined) return '';
  const { response } = last.latencyUs;
  const times =
    response === null ? 'no response' : `p50 ${showTime(response, 'p50')}, p99 ${showTime(response, 'p99')}`;
  const measured = totalsOf(windows.filter(({ phase }) => phase === 'measured'));
  const { left } = progressOf(plan, ms(last.atMs + last.durationMs), measured);
  const phase = last.phase === 'warmup' ? 'warm-up, ' : '';
  const open = openText(last).map((text) => `, ${text}`);
  return `${phase}${formatRate(last.rate.achieved)}, ${times}, errors ${errorText(measured, paint)}${open.join('')}, ${left}`;
}

/** The same for a log, with the time. */
export function progressLine(windows: readonly LoadWindow[], plan: LoadPlan, paint: Paint): string {
  const last = windows.at(-1);
  if (last === undefined) return '';
  const at = formatDuration(last.atMs + last.durationMs).padStart(8);
  return `  ${paint.dim(at)}  ${progressText(windows, plan, paint)}`;
}
