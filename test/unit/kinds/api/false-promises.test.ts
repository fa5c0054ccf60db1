/** Declarations that have gone, of values that never were. */
import { expect, test } from 'vitest';
import { withoutFalsePromises } from '../../../../src/kinds/api/false-promises.ts';
import type { DeclaredChange } from '../../../../src/kinds/api/protocol.ts';

const gone = (name: string, isOnlyValue: boolean): DeclaredChange => ({
  ...{ specifier: 'a', type: 'removed', name, how: '', cause: name },
  isOnlyValue,
});

test('a declaration that has gone breaks nobody if its value never was; a type, or what was there, does', () => {
  const real = new Map([['import a', { names: ['default', 'there'], default: null, module: null }]]);
  const left = (changes: readonly DeclaredChange[]) =>
    withoutFalsePromises(changes, real).map(({ name }) => name);
  expect(left([gone('never', true), gone('there', true), gone('Type', false)])).toEqual(['there', 'Type']);
  expect(left([{ ...gone('never', true), type: 'narrowed' }])).toEqual(['never']);
  // What could not be loaded is not known to lack anything.
  expect(left([{ ...gone('never', true), specifier: 'a/b' }])).toEqual(['never']);
});
