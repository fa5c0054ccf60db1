/** Faults that are asked for and do not exist: a slip must not pass for a proof. */
import { expect, test } from 'vitest';
import { type Derived, wantedInVain } from '../../../src/prove/wanted.ts';
import { command } from '../plan/suites.ts';

const derivedOf = (
  prove: { readonly demand?: readonly string[]; readonly ignore?: Record<string, string> } = {},
): Derived => ({
  component: { ...command('shop'), prove: { modules: [], demand: [], ignore: {}, ...prove } },
  faults: [
    { fault: 'status-500', subject: null },
    { fault: 'raises', subject: 'loads' },
    { fault: 'raises', subject: 'dumps' },
  ],
});

test.for(['status-500', 'raises', 'loads raises'])('%s exists', (fault) => {
  expect(wantedInVain([fault], [derivedOf({ demand: [fault], ignore: { [fault]: 'x' } })])).toEqual([]);
});

test.for(['foo status-500', 'load raises', 'slow'])('%s does not, wherever it is asked for', (fault) => {
  const found = wantedInVain([fault], [derivedOf({ demand: [fault] })]);
  const message = `asks for the fault "${fault}", and there is none: it was not tried`;
  expect(found.map((finding) => [finding.code, finding.message])).toEqual([
    ['nothing-to-sabotage', `--fault ${message}`],
    ['nothing-to-sabotage', `prove.demand of shop ${message}`],
  ]);
});

test('the hint names those that are like it', () => {
  expect(wantedInVain(['load raises'], [derivedOf()])[0]?.hint).toBe('there is loads raises, dumps raises');
});

test('what is ignored by its word alone need not exist; with its subject it must', () => {
  expect(wantedInVain([], [derivedOf({ ignore: { slow: 'x' } })])).toEqual([]);
  expect(wantedInVain([], [derivedOf({ ignore: { 'load raises': 'x' } })])).toHaveLength(1);
});
