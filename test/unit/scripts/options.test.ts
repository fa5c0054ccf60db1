/** The one table of a bench or of the trials: its values, its help, and what it refuses. */
import { resolve } from 'node:path';
import { expect, test, vi } from 'vitest';
import { flag, maybeNumber, number, parseOptions, path, texts } from '../../../scripts/options.ts';

const COMMAND = {
  usage: 'try [options]',
  summary: 'tries',
  options: {
    rounds: number('how many', 5),
    floodMb: maybeNumber('how much', 0),
    json: path('where to'),
    tier: texts('which', 'TIER'),
    isQuiet: flag('say nothing'),
  },
};

test('what is not said is the default; what is said has its type', () => {
  expect(parseOptions(COMMAND, [])?.options).toEqual({
    ...{ rounds: 5, floodMb: undefined, json: undefined, tier: [], isQuiet: false },
  });
  const said = [
    '--rounds',
    '7',
    '--flood-mb',
    '0',
    '--json',
    'a.json',
    '--tier',
    'a',
    '--tier',
    'b',
    '--is-quiet',
  ];
  expect(parseOptions(COMMAND, said)?.options).toEqual({
    ...{ rounds: 7, floodMb: 0, json: resolve(process.env.INIT_CWD ?? '.', 'a.json') },
    ...{ tier: ['a', 'b'], isQuiet: true },
  });
});

test.each([
  { said: ['--rounds', '0'], error: '--rounds is a whole number from 1, not 0' },
  { said: ['--rounds', '1.5'], error: '--rounds is a whole number from 1, not 1.5' },
  { said: ['--flood-mb', ''], error: '--flood-mb is a whole number from 0, not ' },
  { said: ['--round', '1'], error: '--round' },
  { said: ['name'], error: 'name' },
])('$said is refused', ({ said, error }) => {
  expect(() => parseOptions(COMMAND, said)).toThrow(error);
});

test('names are taken where they mean something', () => {
  expect(parseOptions({ ...COMMAND, names: 'Runners: a, b' }, ['a', '--rounds', '2'])?.names).toEqual(['a']);
});

test('the help is the table', () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    expect(parseOptions(COMMAND, ['--help'])).toBeUndefined();
    expect(write.mock.calls).toEqual([
      [
        [
          'try [options]: tries',
          '',
          '  --rounds N    how many (default 5)',
          '  --flood-mb N  how much',
          '  --json FILE   where to',
          '  --tier TIER   which',
          '  --is-quiet    say nothing',
          '  --help',
          '',
        ].join('\n'),
      ],
    ]);
  } finally {
    write.mockRestore();
  }
});
