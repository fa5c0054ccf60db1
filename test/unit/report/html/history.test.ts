import { expect, test } from 'vitest';
import type { PastComponent } from '../../../../src/core/history.ts';
import { drawHistory } from '../../../../src/report/html/history.ts';
import { openRecord } from '../../../../src/report/html/record.ts';
import { begin, end, finished, stamp, started } from '../runs.ts';

const past = (verdict: PastComponent['verdict'], durationMs: number): PastComponent => ({
  ...{ verdict, durationMs, flaky: false },
  ...{ rate: 100, p99Us: 5000, errors: 0 },
});

const drawn = (name: string): string => {
  const record = openRecord();
  const runs = ['a', 'b', 'c'].map((run, at) => ({
    ...{ run, startedAt: '2026-01-05T02:45:34.000Z', durationMs: 1000 * (at + 1) },
    verdict: at === 1 ? ('failed' as const) : ('passed' as const),
  }));
  for (const event of stamp([
    started([{ name, kind: 'http' }]),
    {
      type: 'history',
      runs,
      components: { [name]: [past('passed', 100), past('failed', 900), null] },
    },
    ...begin(name),
    end(name, 'passed', { durationMs: 300 }),
    finished('passed', 0, 4000),
  ]))
    record.take(event);
  return drawHistory(record.kept())?.body.toString() ?? '';
};

test('earlier runs and this one are drawn, the failed ones marked, and told in words', () => {
  const body = drawn('api');
  expect(body).toContain('How long the run took, oldest first: 1.00 s, 2.00 s (failed), 3.00 s, 4.00 s');
  expect(body).toContain('How long api took, oldest first: 100 ms, 900 ms (failed), none, 300 ms');
  expect(body).toContain('Rate of api, oldest first: 100/s, 100/s (failed), none, none');
  expect(body).toContain('p99 of api, oldest first: 5.00 ms, 5.00 ms (failed), none, none');
  expect(body).toContain('1 of 3');
  // The longest takes all of the height.
  expect(body).toContain('<rect class="failed" x="8" y="0" width="6" height="24"/>');
  expect(body).toContain('<rect class="passed" x="24" y="16" width="6" height="8"/>');
});

test('a name is text, and without a history there is nothing', () => {
  expect(drawn('<script>"')).not.toContain('<script>');
  expect(drawHistory(openRecord().kept())).toBeUndefined();
});
