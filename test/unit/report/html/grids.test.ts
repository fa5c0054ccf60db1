/** Which matrices the page shows, and which of them opened. */
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../../src/core/event.ts';
import { drawGrids } from '../../../../src/report/html/grids.ts';
import { openRecord } from '../../../../src/report/html/record.ts';
import { begin, end, finished, gridOf, NOTHING_RAN, PROOF, stamp, started } from '../runs.ts';

function drawn(run: readonly RunEvent[]): string | undefined {
  const record = openRecord();
  for (const event of stamp(run)) record.take(event);
  return drawGrids(record.kept())?.body.toString();
}

/** A matrix in which all is well. */
function greenOf(component: string, title: string): RunEvent {
  const event = gridOf(component, title);
  if (event.type !== 'grid-finished') throw new Error('it is one');
  const cells = event.grid.cells.filter(({ outcome }) => outcome === 'passed');
  return { ...event, grid: { ...event.grid, cells } };
}

test('a run that has tried none says nothing of any', () => {
  expect(drawn(NOTHING_RAN)).toBeUndefined();
});

test('a proof is a matrix of what was noticed; what its trials have tried is none', () => {
  const body = drawn([...PROOF, gridOf('http~status-500', 'of a trial')]);
  expect(body).not.toContain('of a trial');
  expect(body).toContain('<th scope="col">status-500</th>');
  expect(body).toContain('blind (1,204 of 1,204)');
});

test('of very many those with a failure are shown, opened, and it is said how many are not', () => {
  const names = Array.from({ length: 100 }, (_, index) => `c${index}`);
  const run = [
    started(names.map((name) => ({ name, kind: 'threads' }))),
    ...names.flatMap((name) => [
      ...begin(name, 'threads'),
      name === 'c90' ? gridOf(name, 'bad') : greenOf(name, 'good'),
      end(name, 'passed'),
    ]),
    finished('passed', 0),
  ];
  const body = drawn(run) ?? '';
  expect(body.split('<details class="gr"')).toHaveLength(61);
  const opened = body.split('<details class="gr" open>');
  expect(opened).toHaveLength(2);
  expect(opened[1]).toContain('<strong>c90</strong> bad');
  expect(body).toContain('40 more matrices can be found in the data of this page.');
});
