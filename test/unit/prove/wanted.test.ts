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

test.for([
  ['foo status-500', 'unknown-fault'],
  ['load raises', 'unknown-fault'],
  ['loads slow', 'nothing-to-sabotage'],
  ['slow', 'nothing-to-sabotage'],
] as const)('%s does not, wherever it is asked for', ([fault, code]) => {
  const found = wantedInVain([fault], [derivedOf({ demand: [fault] })]);
  const message = `asks for the fault "${fault}", and there is none: it was not tried`;
  expect(found.map((finding) => [finding.code, finding.message])).toEqual([
    [code, `--fault ${message}`],
    ['nothing-to-sabotage', `prove.demand of shop ${message}`],
  ]);
});

test('the hint names those that are like it', () => {
  const hint = (fault: string) => wantedInVain([fault], [derivedOf()])[0]?.hint;
  expect(hint('load raises')).toBe('did you mean "loads raises"? there is loads raises, dumps raises');
  expect(hint('parse_everything raises')).toBe('there is loads raises, dumps raises');
});

test('what is ignored by its word alone need not exist; with its subject it must', () => {
  expect(wantedInVain([], [derivedOf({ ignore: { slow: 'x' } })])).toEqual([]);
  expect(wantedInVain([], [derivedOf({ ignore: { 'load raises': 'x' } })])).toHaveLength(1);
});
