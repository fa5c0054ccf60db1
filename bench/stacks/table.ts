/** The result as text. */
import type { Measurement } from '../measure.ts';
import { type Machine, medianOf, type Series, type Target, target } from '../result.ts';
import { compareRows, figure, layOut, machineLine, targetTable } from '../table.ts';
import type { Shape } from './graphs.ts';
import type { StackSample } from './runners.ts';

export interface Graph {
  readonly shape: Shape;
  readonly count: number;
  readonly series: readonly Series<Measurement>[];
}

export interface ServicesResult {
  readonly version: 1;
  readonly machine: Machine;
  readonly durationMs: number;
  readonly rounds: number;
  readonly stack: readonly Series<StackSample>[];
  readonly graphs: readonly Graph[];
  /** Whom it could not be compared with, and why. */
  readonly absent: readonly string[];
}

const cpuOf = ({ cpuMs, childCpuMs }: Measurement): number => cpuMs + childCpuMs;

const TITLES: Readonly<Record<Shape, string>> = {
  'side-by-side': 'side by side',
  chain: 'in a chain',
};

/** Starting and ending services takes at most twice the time of spawning such processes. */
const TIMES = 2;

export function servicesTargets({ graphs }: ServicesResult): Target[] {
  return graphs.flatMap(({ shape, count, series }) => {
    const [spawned, ...tiers] = series;
    if (spawned === undefined) return [];
    return tiers
      .filter(({ id }) => id !== 'sh')
      .map(({ title, samples }) => {
        const ratios = samples.map(({ wholeMs }) => wholeMs / medianOf(spawned, (sample) => sample.wholeMs));
        return target(`${count} ${TITLES[shape]}, ${title}, beside spawning them`, ratios, TIMES, '×');
      });
  });
}

export function showServices(result: ServicesResult): string {
  const parts = [
    [
      `${result.rounds} interleaved rounds in ${figure(result.durationMs / 1000, 's')}; medians, beside them the ratio`,
      machineLine(result.machine),
      ...result.absent,
    ],
    layOut([
      ['database, migration, API', ...result.stack.map(({ title }) => title)],
      ...compareRows(result.stack, 'shakedown', [
        { name: 'from nothing to the check', unit: 'ms', pick: ({ untilCheckMs }) => untilCheckMs },
        { name: 'API accepts → check begins', unit: 'ms', pick: ({ reactionMs }) => reactionMs },
        { name: 'whole time', unit: 'ms', pick: ({ wholeMs }) => wholeMs },
        { name: 'CPU of the runner itself', unit: 'ms', pick: ({ cpuMs }) => cpuMs },
        { name: 'CPU of its children', unit: 'ms', pick: ({ childCpuMs }) => childCpuMs },
      ]),
    ]),
    ...result.graphs.map(({ shape, count, series }) =>
      layOut([
        [`${count} services ${TITLES[shape]}`, ...series.map(({ title }) => title)],
        ...compareRows(series, 'node', [
          { name: 'whole time', unit: 'ms', pick: ({ wholeMs }) => wholeMs },
          { name: 'CPU, children included', unit: 'ms', pick: cpuOf },
          { name: 'CPU of the runner itself', unit: 'ms', pick: ({ cpuMs }) => cpuMs },
        ]),
      ]),
    ),
    targetTable(servicesTargets(result)),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
