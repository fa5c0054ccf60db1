/** The result as text. */
import { median, type Series } from '../result.ts';
import { compareRows, figure, layOut, type Measure, machineLine, targetTable } from '../table.ts';
import { type OwnershipResult, ownershipTargets } from './result.ts';

function table<S>(
  title: string,
  all: readonly Series<S>[],
  reference: string,
  measures: readonly Measure<S>[],
): string[] {
  return layOut([[title, ...all.map((series) => series.title)], ...compareRows(all, reference, measures)]);
}

export function showOwnership(result: OwnershipResult): string {
  const { processes, idleSeconds } = result;
  const parts = [
    [
      `${result.rounds} interleaved rounds in ${figure(result.durationMs / 1000, 's')}; medians, beside them the ratio to the finders`,
      machineLine(result.machine),
    ],
    layOut([
      [`A tree of ${processes} is ended`, ...result.teardown.map(({ title }) => title)],
      ...compareRows(result.teardown, 'finders', [
        { name: 'until whoever ends it is done', unit: 'ms', pick: ({ tookMs }) => tookMs },
        { name: 'until nobody lives', unit: 'ms', pick: ({ goneMs }) => goneMs },
        { name: 'CPU of whoever ends it', unit: 'ms', pick: ({ cpuMs }) => cpuMs },
      ]),
      [
        'alive when it was done, at most',
        ...result.teardown.map(({ samples }) => String(Math.max(...samples.map(({ living }) => living)))),
      ],
    ]),
    layOut([
      [`100 processes live, for ${idleSeconds} s`, 'CPU of the runner, of one CPU'],
      ...result.idle.map(({ title, samples }) => [
        title,
        `${median(samples.map(({ cpuPercent }) => cpuPercent)).toFixed(2)} %`,
      ]),
    ]),
    table('/bin/true, from its start to its end', result.spawn, 'finders', [
      { name: 'by child_process.spawn', unit: 'ms', pick: ({ plainMs }) => plainMs },
      { name: 'by an owner', unit: 'ms', pick: ({ ownedMs }) => ownedMs },
      { name: 'the difference, pair by pair', unit: 'ms', pick: ({ extraMs }) => extraMs },
      { name: 'its mean', unit: 'ms', pick: ({ meanExtraMs }) => meanExtraMs },
      { name: 'of the first pair of a process', unit: 'ms', pick: ({ firstExtraMs }) => firstExtraMs },
      { name: 'CPU, by child_process.spawn', unit: 'ms', pick: ({ plainCpuMs }) => plainCpuMs },
      { name: 'CPU, by an owner', unit: 'ms', pick: ({ ownedCpuMs }) => ownedCpuMs },
      { name: 'with the look for what it left', unit: 'ms', pick: ({ wholeMs }) => wholeMs },
      { name: 'the tier, once a run', unit: 'ms', pick: ({ tierMs }) => tierMs },
      { name: 'its enclosure, once an attempt', unit: 'ms', pick: ({ enclosureMs }) => enclosureMs },
    ]),
    ...(result.refused.length === 0
      ? []
      : [result.refused.map(({ tier, reason }) => `${tier} is not permitted here: ${reason}`)]),
    targetTable(ownershipTargets(result)),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
