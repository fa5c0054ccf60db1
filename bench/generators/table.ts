/** The result as text. */
import { median, type Target } from '../result.ts';
import { figure, layOut, machineLine } from '../table.ts';
import { type Comparison, figuresOf, type GeneratorsResult, generatorTargets } from './result.ts';

function comparisonTable(comparison: Comparison): string[] {
  const all = figuresOf(comparison);
  const base = all.find(({ title }) => title === 'wrk')?.cpu ?? Number.NaN;
  return layOut([
    [comparison.site.title, 'CPU s/million', '÷ wrk', 'user', 'system', 'start', 'requests/s', 'peak'],
    ...all.map(({ title, cpu, user, system, startMs, perSecond, peakMb }) => [
      title,
      cpu.toFixed(2),
      (cpu / base).toFixed(2),
      user.toFixed(2),
      system.toFixed(2),
      figure(Math.max(0, startMs), 'ms'),
      Math.round(perSecond).toLocaleString('en'),
      figure(peakMb, 'MB'),
    ]),
  ]);
}

function ownTable({ own, growthRequests, machine }: GeneratorsResult): string[] {
  const of = (pick: (sample: (typeof own)[number]) => number): number => median(own.map(pick));
  const opened = own.flatMap(({ open }) => open);
  const lag = (what: 'sendLag' | 'spin'): string =>
    `p50 ${figure(median(opened.map((open) => open[what].p50)), 'µs')}, p99 ${figure(median(opened.map((open) => open[what].p99)), 'µs')}`;
  const growth = growthRequests.map(
    (requests, index) =>
      `${figure(
        of(({ growthMb }) => growthMb[index] ?? Number.NaN),
        'MB',
      )} at ${requests.toLocaleString('en')}`,
  );
  return [
    'Shakedown alone',
    `two threads send ${of(({ scaling }) => scaling).toFixed(2)} times as much as one (${machine.cpus} cores, of which the server takes one)`,
    `10,000 connections: ${figure(
      of(({ crowdMb }) => crowdMb),
      'MB',
    )}`,
    `open load at 10,000/s: send lag ${lag('sendLag')}, with ${Math.round(median(opened.map(({ cpuShare }) => cpuShare)) * 100)} % of a core`,
    `a loop that only looks at the clock is late by ${lag('spin')}, with 100 % of a core`,
    `peak memory: ${growth.join(', ')} requests`,
  ];
}

const precise = (value: number, unit: string): string =>
  unit === '×' ? `${value.toFixed(2)} ×` : figure(value, unit);

function targetTable(targets: readonly Target[]): string[] {
  return layOut([
    ['Targets', 'median', 'best', 'at most', ''],
    ...targets.map(({ what, actual, best, limit, unit, holds }) => [
      what,
      precise(actual, unit),
      precise(best, unit),
      precise(limit, unit),
      holds ? 'holds' : 'MISSED',
    ]),
  ]);
}

export function showGenerators(result: GeneratorsResult): string {
  const parts = [
    [
      `${result.rounds} interleaved rounds in ${figure(result.durationMs / 1000, 's')}, ${result.seconds} s and ${result.connections} connections each, one thread; medians`,
      machineLine(result.machine),
      'shakedown checks status and body of every response',
      ...result.absent.map(({ id, reason }) => `${id} is missing: ${reason}`),
    ],
    ...result.comparisons.map(comparisonTable),
    ownTable(result),
    targetTable(generatorTargets(result)),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
