import { describe, expect, test } from 'vitest';
import { failed, joinDeclarations, note, shortCommand, showProcess } from '../../../src/core/finding.ts';
import fc from '../../rig/fast-check.ts';

const LIMIT = 120;

test('a finding that two declare is a mistake, even when they agree', () => {
  expect(joinDeclarations([{ a: failed() }, {}, { b: note() }])).toEqual({ a: failed(), b: note() });
  const twice = [{ a: failed() }, { b: note(), a: failed() }];
  expect(() => joinDeclarations(twice)).toThrow('the finding a is declared twice');
});

describe('a command line for a person', () => {
  test('is told with its pid', () => {
    expect(showProcess({ command: 'python3 app.py', pid: 4711 })).toBe('python3 app.py (pid 4711)');
  });

  test('is whole when it is short', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: LIMIT }), (command) => {
        expect(shortCommand(command)).toBe(command);
      }),
    );
  });

  test('has both its ends when it is long', () => {
    fc.assert(
      fc.property(fc.string({ minLength: LIMIT + 1, maxLength: 4 * LIMIT }), (command) => {
        const short = shortCommand(command);
        expect(short).toHaveLength(LIMIT);
        expect(short).toBe(`${command.slice(0, 59)} … ${command.slice(-58)}`);
      }),
    );
  });
});
