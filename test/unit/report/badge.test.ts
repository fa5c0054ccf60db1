/** The badge says what the headline says, in the JSON of shields.io. */
import { expect, test } from 'vitest';
import { badgeReport } from '../../../src/report/badge.ts';
import { INITIAL_STATE } from '../../../src/report/state.ts';

test('a run that has not finished is no pass; one that has says how it came out', () => {
  expect(JSON.parse(badgeReport(INITIAL_STATE))).toEqual({
    ...{ schemaVersion: 1, label: 'shakedown', message: 'not finished', color: 'lightgrey', isError: false },
  });
  const finished = { verdict: 'failed', durationMs: 1, exitCode: 1 } as const;
  const failed = { ...INITIAL_STATE, finished: { ...INITIAL_STATE.finished, ...finished } };
  expect(JSON.parse(badgeReport(failed))).toMatchObject({ message: '0 passed', color: 'red', isError: true });
});
