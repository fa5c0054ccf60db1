/** What came of loading the entry points of a package, as a matrix: entry point × form. */
import type { Grid, GridCell } from '../../core/grid.ts';
import type { NodeEntriesComponent } from './component.ts';

export type LoadOutcome = Pick<GridCell, 'outcome' | 'text' | 'detail'>;

const NOT_REACHED: LoadOutcome = { outcome: 'skipped', text: 'not reached', detail: [] };

/** @param outcomes by the index of the load */
export function entryGrid(
  { loads, package: { name } }: Pick<NodeEntriesComponent, 'loads' | 'package'>,
  outcomes: ReadonlyMap<number, LoadOutcome>,
): Grid {
  return {
    title: `the entry points of ${name}`,
    ...{ rowsAre: 'entry point', columnsAre: 'loaded by' },
    rows: [...new Set(loads.map(({ specifier }) => specifier))],
    columns: ['import', 'require'],
    cells: loads.map(({ specifier, form, file }, index): GridCell => {
      const { outcome, text, detail } = outcomes.get(index) ?? NOT_REACHED;
      const isFile = outcome === 'passed';
      return { row: specifier, column: form, outcome, text, detail: isFile ? detail : [file, ...detail] };
    }),
  };
}
