/** The findings as the documents tell them, held against those that are declared. */
import type { Consequence } from '../../src/core/finding.ts';
import { tablesBelow } from './tables.ts';

const EFFECTS = { failed: 'fails', inconclusive: 'inconclusive', note: 'note' } as const;

export const findingTables = (): string[][][] => tablesBelow('docs/getting-started.md', 'Findings');

/** Rows that are missing, that are there more than once, and that nobody declares. */
export function wrongRows(consequences: Readonly<Record<string, Consequence>>): string[] {
  const real = Object.entries(consequences).map(([code, effect]) => `\`${code}\` ${EFFECTS[effect]}`);
  const documented = findingTables().flatMap(([, ...rows]) =>
    rows.map(([code, effect]) => `${code} ${effect}`),
  );
  return [
    ...real.filter((row) => !documented.includes(row)),
    ...documented.filter((row, index) => !real.includes(row) || documented.indexOf(row) < index),
  ];
}
