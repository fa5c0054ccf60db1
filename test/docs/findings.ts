/** The findings as the documents tell them, held against those that are declared. */
import type { Declarations } from '../../src/core/finding.ts';
import { tablesBelow } from './tables.ts';

const EFFECTS = { failed: 'fails', inconclusive: 'inconclusive', note: 'note' } as const;

export const findingTables = (): string[][][] => tablesBelow('docs/getting-started.md', 'Findings');

/** Rows that are missing, that are there more than once, and that nobody declares. */
export function wrongRows(findings: Declarations): string[] {
  const real = Object.entries(findings).map(
    ([code, { consequence }]) => `\`${code}\` ${EFFECTS[consequence]}`,
  );
  const documented = findingTables().flatMap(([, ...rows]) =>
    rows.map(([code, effect]) => `${code} ${effect}`),
  );
  return [
    ...real.filter((row) => !documented.includes(row)),
    ...documented.filter((row, index) => !real.includes(row) || documented.indexOf(row) < index),
  ];
}
