/** The document about trials of packages. */
import { expect, test } from 'vitest';
import { showTrials } from '../../../bench/package/table.ts';
import type { Trial, TrialReport } from '../../../bench/package/trial.ts';
import type { Finding } from '../../../src/core/finding.ts';

const report = (findings: readonly Finding[], hour = '12'): TrialReport => ({
  ...{ suite: 'a', verdict: 'failed', durationMs: 1, setup: [], startedAt: `2026-11-28T${hour}:00:00.000Z` },
  components: [{ name: 'types', verdict: 'failed', durationMs: 1, findings }],
});

const trial = (of: Partial<Trial>): Trial => ({
  ...{ spec: 'ms@2.1.3', code: 0, wholeMs: 1500, report: report([]), said: '' },
  ...{ testimony: { objections: [], silent: [] }, commit: 'aaaaaaa' },
  ...of,
});

const show = (...trials: readonly Trial[]): string => showTrials(trials, '20.0.0');

test('a finding without a proof is told as one, with whom it hurts', () => {
  const finding: Finding = {
    ...{
      code: 'type-error',
      message: 'ms does not type-check: /tmp/x/consumers/0a1b/node_modules/ms',
      culprit: 'ms',
      errors: [],
    },
    hurts: { who: 'some', text: 'consumers who use TypeScript' },
  };
  const text = show(trial({ report: report([finding]) }));
  expect(text).toContain(
    '- `types: type-error`: ms does not type-check: node_modules/ms (consumers who use TypeScript)',
  );
  expect(text).toContain('Proof of `types: type-error`: **none yet**.');
});

test('a row that was tried with an older Shakedown than the last one names its commit', () => {
  const older = { commit: 'bbbbbbb', report: report([], '11') };
  const text = show(trial({ spec: 'chalk@5.6.2', ...older }), trial({ spec: 'koa@3.3.0' }), trial(older));
  expect(text).toMatch(/^\| `chalk` .* 1\.5 s \(bbbbbbb\) \|$/m);
  expect(text).toMatch(/^\| `koa` .* 1\.5 s \|$/m);
  expect(text).toContain('Shakedown was that of commit aaaaaaa');
});

test('an oracle that came to no answer is named', () => {
  const silent = [{ oracle: 'attw', because: 'no answer in 120 s' }] as const;
  expect(show(trial({ testimony: { objections: [], silent } }))).toContain(
    '- `ms@2.1.3`: are-the-types-wrong: no answer in 120 s',
  );
});

test('a workspace is a row with all its packages, and one that was given up says so', () => {
  const text = show(
    trial({ spec: 'lit@3.3.3' }),
    trial({ spec: 'next@16.4.6', report: null, said: 'no end in 300 s' }),
  );
  expect(text).toContain('| `lit, lit-element, lit-html, @lit/reactive-element (npm)` | 3.3.3 | workspace |');
  expect(text).toMatch(/^\| `next` .*\| no end in 300 s \|/m);
});

test('what of the list was not tried is named', () => {
  expect(show(trial({ spec: 'chalk@5.6.2' }))).toMatch(
    /^On the list, and not tried yet: `express`, `lodash`, `commander`, .*`jest-diff`\.$/m,
  );
});
