import { describe, expect, test } from 'vitest';
import { CommandGuard, workflowCommand } from '../../../src/core/workflow-command.ts';
import fc from '../../rig/fast-check.ts';
import { shareOf } from '../../rig/thorough.ts';
import { obeyedIn } from '../../rig/workflow-runner.ts';

const guarded = (...pieces: readonly string[]): string => {
  const guard = new CommandGuard();
  return pieces.map((piece) => guard.pass(piece)).join('');
};

describe('the reader of these tests', () => {
  test.each([
    ['::error::a', 'error', {}, 'a'],
    [
      ' \u00a0\t::Error file=a.ts,line=3,title=a%3Ab%2Cc::x%0Ay%25',
      'error',
      { file: 'a.ts', line: '3', title: 'a:b,c' },
      'x\ny%',
    ],
    ['x ##[warning file=a;line=1]b%5D', 'warning', { file: 'a', line: '1' }, 'b]'],
  ])('obeys %j', (line, name, properties, data) => {
    expect(obeyedIn(`before\r${line}\nafter`)).toEqual([{ name, properties, data }]);
  });

  test.each(['x ::error::a', '::errors::a', '::error:a', '##[group', ': :error::'])('ignores %j', (line) => {
    expect(obeyedIn(line)).toEqual([]);
  });
});

describe('a command', () => {
  test('says any text, in the place that it names', () => {
    const text = fc.string({ unit: fc.constantFrom(...'a%0AD253C:,;=\r\n#[] \t\u2028é'.split('')) });
    fc.assert(
      fc.property(text, text, (data, file) => {
        const line = workflowCommand('error', data, { file: `x${file}`, line: 3, title: undefined });
        expect(line).not.toMatch(/[\r\n]/);
        expect(obeyedIn(line)).toEqual([
          { name: 'error', properties: { file: `x${file}`, line: '3' }, data },
        ]);
      }),
    );
  });
});

describe('the guard', () => {
  const PIECE = fc.oneof(
    fc.constantFrom(
      '::error::a',
      '::',
      ':',
      '#',
      '##',
      '##[error]a',
      '[group]b',
      '\n',
      '\r',
      '\r\n',
      ' ',
      '\t',
      '\u00a0',
      '\ufeff',
      'x',
      '',
    ),
    fc.string({ unit: fc.constantFrom(...':#[]\n\r er'.split('')), maxLength: 6 }),
  );

  test('leaves no command in a stream, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(PIECE, { maxLength: 20 }), (pieces) => {
        expect(obeyedIn(guarded(...pieces))).toEqual([]);
        expect(guarded(...pieces)).toBe(guarded(pieces.join('')));
      }),
      { numRuns: shareOf(2000) },
    );
  });

  test.each([
    ['::error::a', ':\\x3aerror::a'],
    ['  ::group::a\n', '  :\\x3agroup::a\n'],
    ['a ##[group]b', 'a ##\\x5bgroup]b'],
    // What is none stays as it is.
    ['a::b ::error::c', 'a::b ::error::c'],
    ['│ ::error::c # [x] ## y', '│ ::error::c # [x] ## y'],
    ['\n\n  : :\n', '\n\n  : :\n'],
  ])('%j becomes %j', (text, shown) => {
    expect(guarded(text)).toBe(shown);
    expect(guarded(...text)).toBe(shown);
  });

  test('knows where a line begins', () => {
    const guard = new CommandGuard();
    expect(guard.isAtStart).toBe(true);
    guard.pass('a');
    expect(guard.isAtStart).toBe(false);
    guard.pass('b\r\n');
    expect(guard.isAtStart).toBe(true);
    guard.pass('  ');
    expect(guard.isAtStart).toBe(false);
  });
});
