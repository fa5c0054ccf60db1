import { expect, test } from 'vitest';
import { TrialNames } from '../../../src/prove/names.ts';
import fc from '../../rig/fast-check.ts';

test('a trial is called by its component and its fault', () => {
  const names = new TrialNames();
  expect(names.next({ of: 'http', fault: 'status-500', subject: null })).toBe('http~status-500');
  expect(names.next({ of: 'thread', fault: 'wrong-result', subject: 'loads' })).toBe(
    'thread~loads-wrong-result',
  );
});

test('no two have one name, and each can be that of a file', () => {
  const subject = fc.option(fc.string({ unit: 'binary' }), { nil: null });
  fc.assert(
    fc.property(fc.array(subject, { minLength: 1, maxLength: 20 }), (subjects) => {
      const names = new TrialNames();
      const given = subjects.map((each) => names.next({ of: 'a', fault: 'raises', subject: each }));
      expect(new Set(given).size).toBe(given.length);
      for (const name of given) expect(name).toMatch(/^a~[\w.-]{1,64}$/);
    }),
    { numRuns: 30 },
  );
});
