/** A program of a package that is asked for its help and version, with a fake in place of its process. */
import { expect, test } from 'vitest';
import type { Grid } from '../../../src/core/grid.ts';
import type { BinComponent } from '../../../src/kinds/bin/component.ts';
import { runBin } from '../../../src/kinds/bin/run.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';

const PROGRAM = '/bin/sh';
const COMPONENT = { kind: 'bin', bin: 'tool', program: PROGRAM, file: 'tool.js', cwd: '/' } as BinComponent;

const gridsOf = ({ events }: FakeAttempt): Grid[] =>
  events.flatMap((event) => (event.type === 'grid-finished' ? [event.grid] : []));

test('one that answers has a cell for each question', async () => {
  const attempt = new FakeAttempt();
  const found = runBin(COMPONENT, attempt.context);
  (await attempt.processes.started('try.1/tool --help')).finish(0);
  (await attempt.processes.started('try.1/tool --version')).finish(2);
  expect(await found).toEqual([]);
  const cell = { row: 'tool', outcome: 'passed', text: 'did not crash', detail: [] };
  expect(gridsOf(attempt)).toEqual([
    {
      title: 'the questions that tool was asked',
      ...{ rowsAre: 'program', columnsAre: 'asked by', rows: ['tool'], columns: ['--help', '--version'] },
      cells: [
        { ...cell, column: '--help' },
        { ...cell, column: '--version' },
      ],
    },
  ]);
});

test('one that crashes is not asked again', async () => {
  const attempt = new FakeAttempt();
  const found = runBin(COMPONENT, attempt.context);
  (await attempt.processes.started('try.1/tool --help')).finish(null, 'SIGSEGV');
  expect(await found).toMatchObject([{ code: 'exit-code', signal: 'SIGSEGV' }]);
  expect(gridsOf(attempt)).toMatchObject([
    {
      cells: [
        { column: '--help', outcome: 'failed', text: expect.stringContaining('SIGSEGV') },
        { column: '--version', outcome: 'skipped', text: 'not asked' },
      ],
    },
  ]);
});

test('one that is not there has no grid: nothing was asked', async () => {
  const attempt = new FakeAttempt();
  const missing = { ...COMPONENT, program: '/there/is/none' };
  expect(await runBin(missing, attempt.context)).toMatchObject([{ code: 'missing-file' }]);
  expect(gridsOf(attempt)).toEqual([]);
});
