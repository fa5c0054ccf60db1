/** A table of the machines that sent a load together. */
import type { LoadSummary } from '../../core/load.ts';
import type { LoadAgent, LoadAgentFate } from '../../core/load-agent.ts';
import type { Paint } from '../../text/paint.ts';
import { formatCount, formatRate, formatShare, formatTime, showTime } from './format.ts';
import { shortName } from './names.ts';

const MOST_ROWS = 20;
const CELLS = { sent: 10, rate: 9, p50: 9, p99: 9, busiest: 9, late: 9 } as const;

const FATES = {
  finished: '',
  lost: 'fell silent',
  left: 'ended early',
  missing: 'never sent',
} as const satisfies Record<LoadAgentFate, string>;

/** What is remarkable about an agent; empty if nothing is. */
export const agentTrouble = ({ fate, saturated }: LoadAgent): string =>
  [FATES[fate], saturated ? 'the bottleneck' : ''].filter((text) => text !== '').join(', ');

/** What stands in the row of an agent, beside its name and what is remarkable about it. */
export const agentCells = ({ sent, achieved, serviceUs, busiest, lateMs }: LoadAgent): string[] => [
  formatCount(sent),
  formatRate(achieved),
  ...(['p50', 'p99'] as const).map((name) => (serviceUs === null ? '–' : showTime(serviceUs, name))),
  formatShare(busiest),
  lateMs > 0 ? formatTime(lateMs * 1000) : '–',
];

/** The order in which agents are shown if there are many: trouble first. */
const byTrouble = (a: LoadAgent, b: LoadAgent): number =>
  Number(agentTrouble(b) !== '') - Number(agentTrouble(a) !== '') || a.part - b.part;

/** @returns nothing if the load was sent from one machine */
export function agentRows({ agents = [], precision }: LoadSummary, paint: Paint): string[] {
  if (agents.length === 0) return [];
  const shown = [...agents]
    .sort(byTrouble)
    .slice(0, MOST_ROWS)
    .sort((a, b) => a.part - b.part);
  const width = Math.max(...shown.map(({ name }) => shortName(name).length), 'agent'.length);
  const pads = Object.values(CELLS);
  const padded = (cells: readonly string[]): string =>
    cells.map((cell, at) => cell.padStart(pads[at] ?? 0)).join('');
  const rows = shown.map((agent) => {
    const trouble = agentTrouble(agent);
    const row = `  ${shortName(agent.name).padEnd(width)}${padded(agentCells(agent))}`;
    return trouble === '' ? row : `${row}  ${paint.warn(trouble)}`;
  });
  const more = agents.length - shown.length;
  return [
    '',
    paint.dim(`  ${'agent'.padEnd(width)}${padded(Object.keys(CELLS))}`),
    ...rows,
    ...(more > 0 ? [paint.dim(`  and ${formatCount(more)} more: in the JSON`)] : []),
    paint.dim('  service times; busiest: the share of its time that the busiest thread worked'),
    ...(precision === undefined
      ? []
      : [paint.dim(`  times of a window are known to about ${formatShare(precision.windows)}`)]),
  ];
}
