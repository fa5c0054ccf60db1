/** The comparison of what a package exports with what it declares, as a matrix: entry point × form. */
import type { Grid, GridCell } from '../../core/grid.ts';
import { plural } from '../../core/units.ts';
import type { ComponentContext } from '../common/context.ts';
import { cellOf } from '../common/grids.ts';
import type { Difference } from './compare.ts';
import type { ComparedEntry, Declared, RealExports } from './protocol.ts';

const FORMS = ['import', 'require'] as const;

const asDeclared = (declared: Declared): string =>
  declared.type === 'declared'
    ? `${declared.exports.length.toLocaleString('en-US')} declared`
    : 'nothing declared';

const asReal = ({ names }: RealExports): string => plural(names.length, 'export');

/** @param name of the package */
export function exportGrid(
  name: string,
  entries: readonly ComparedEntry[],
  differences: readonly Difference[],
  context: Pick<ComponentContext, 'verdictOf'>,
): Grid {
  const cells = entries.flatMap(({ specifier, real, declared }) =>
    FORMS.flatMap((form): GridCell[] => {
      const found = real[form];
      if (found === null) return [];
      const own = differences.flatMap((each) =>
        each.specifier === specifier && each.finding.forms.includes(form) ? [each.finding] : [],
      );
      const text = `${asReal(found)}, ${asDeclared(declared[form])}`;
      return [cellOf({ row: specifier, column: form }, own, { text }, context)];
    }),
  );
  const rows = new Set(cells.map(({ row }) => row));
  return {
    title: `what ${name} exports, beside what it declares`,
    ...{ rowsAre: 'entry point', columnsAre: 'form', columns: FORMS, cells },
    rows: entries.flatMap(({ specifier }) => (rows.has(specifier) ? [specifier] : [])),
  };
}
