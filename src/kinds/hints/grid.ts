/** What was held against the declarations of a Python package, and what came of it. Pure. */
import type { Finding } from '../../core/finding.ts';
import type { Grid, GridCell } from '../../core/grid.ts';
import { plural } from '../../core/units.ts';
import type { ComponentContext } from '../common/context.ts';
import { cellOf } from '../common/grids.ts';

export interface CheckedHints {
  readonly name: string;
  /** How many imports checkers were shown, and how many stubs there are. */
  readonly imports: number;
  readonly stubs: number;
  readonly ofImports: readonly Finding[];
  readonly ofStubs: readonly Finding[];
}

const [IMPORTS, STUBS] = ['what it offers', 'its stubs'] as const;
const COLUMN = 'checked';

export function hintsGrid(
  { name, imports, stubs, ofImports, ofStubs }: CheckedHints,
  judge: Pick<ComponentContext, 'verdictOf'>,
): Grid {
  const cell = (row: string, findings: readonly Finding[], text: string): GridCell =>
    cellOf({ row, column: COLUMN }, findings, { text }, judge);
  const cells = [
    cell(IMPORTS, ofImports, `${plural(imports, 'import')}, by mypy and pyright`),
    ...(stubs === 0 ? [] : [cell(STUBS, ofStubs, `${plural(stubs, 'file')}, by stubtest`)]),
  ];
  const axes = { rowsAre: 'what', columnsAre: 'how', rows: cells.map(({ row }) => row), columns: [COLUMN] };
  return { title: `the declarations of ${name}`, ...axes, cells };
}
