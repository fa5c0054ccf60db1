/** What reports say of a run during which Shakedown was killed. */
import { expect, test } from 'vitest';
import type { Stamped } from '../../../src/core/event.ts';
import { drawHistory } from '../../../src/report/html/history.ts';
import { openRecord } from '../../../src/report/html/record.ts';
import { foldTimeline } from '../../../src/report/html/timeline-fold.ts';
import { layOut } from '../../../src/report/html/timeline-layout.ts';
import { jsonReport } from '../../../src/report/json.ts';
import { junitReport } from '../../../src/report/junit.ts';
import { advance, INITIAL_STATE } from '../../../src/report/state.ts';
import { cutLines } from '../../../src/report/terminal/lines.ts';
import { createPaint } from '../../../src/text/paint.ts';
import { begin, end, ROOT, stamp, started } from './runs.ts';
import { parseXml } from './xml.ts';

/** The last thing that is known is two seconds after the beginning. */
const EVENTS: readonly Stamped[] = [
  ...stamp([
    started([
      { name: 'api', kind: 'command' },
      { name: 'smoke', kind: 'command' },
      { name: 'late', kind: 'command' },
    ]),
    {
      type: 'history',
      runs: [{ run: 'a', startedAt: '2026-01-05T02:45:34.000Z', durationMs: 2740, verdict: 'passed' }],
      components: {},
    },
    { type: 'setup-started', step: 'npm ci' },
    ...begin('api'),
    end('api', 'passed'),
    ...begin('smoke'),
  ]),
  { type: 'output', component: 'smoke', step: 'smoke', lastLine: 'so far', seq: 6, elapsedMs: 2000 },
];
const STATE = EVENTS.reduce(advance, INITIAL_STATE);

test('the terminal says that it was cut short, and what was running', () => {
  const lines = cutLines(STATE, { paint: createPaint(false), cwd: ROOT });
  expect(lines).toEqual([
    '',
    'CUT SHORT  1 of 3 components had ended; setup "npm ci", smoke were running (last heard of after 2.00 s)',
    '  the run did not finish: Shakedown was killed, or is still running',
  ]);
});

test('a report that was written at the start says only what it knows', () => {
  const [first] = EVENTS;
  if (first === undefined) throw new Error('there are no events');
  const [, headline] = cutLines(advance(INITIAL_STATE, first), { paint: createPaint(false), cwd: ROOT });
  expect(headline).toContain('CUT SHORT  nothing had begun, as far as this report knows');
});

test('JUnit has an error for what was running, with how long it had been', () => {
  const document = parseXml(junitReport(STATE));
  const cases = document.children[0]?.children.map(({ attributes, children }) => [
    attributes.name,
    attributes.time,
    ...children.map((child) => `${child.name}: ${child.attributes.message}`),
  ]);
  const running = 'error: was running when Shakedown was killed';
  expect(cases).toEqual([
    ['setup: npm ci', '1.980', running],
    ['api', '0.150'],
    ['smoke', '1.950', running],
    ['late', '0.000', 'skipped: had not begun, as far as this report knows'],
    ['run', '0.000', 'error: the run did not finish: Shakedown was killed'],
  ]);
  expect(document.attributes.time).toBe('2.000');
  expect(junitReport(STATE)).toContain('shakedown show 20260105-024534-x shows how far it came');
});

test('JSON has the times until then, and no verdict for what was running', () => {
  expect(JSON.parse(jsonReport(STATE))).toMatchObject({
    ...{ verdict: 'inconclusive', exitCode: null, durationMs: 2000 },
    setup: [{ outcome: 'running', durationMs: 1980 }],
    components: [
      { name: 'api', verdict: 'passed', durationMs: 150 },
      { name: 'smoke', verdict: 'inconclusive', durationMs: 1950 },
      { name: 'late', verdict: 'skipped', durationMs: 0 },
    ],
  });
});

test('the page shows nothing as passed that had not ended, and no time of another run as its own', () => {
  const timeline = foldTimeline();
  const record = openRecord();
  for (const event of EVENTS) {
    timeline.take(event);
    record.take(event);
  }
  const bars = layOut(timeline.kept(), (name) => name).rows.flatMap((row) => row.bars);
  expect(bars.map(({ title, outcome }) => [title, outcome])).toEqual([
    ['setup · npm ci: had not ended after 2.00 s', 'inconclusive'],
    ['api · attempt 1: 30 ms to 40 ms (10 ms)', 'passed'],
    ['smoke · attempt 1: had not ended after 2.00 s', 'inconclusive'],
  ]);
  const history = drawHistory(record.kept())?.body.toString();
  expect(history).toContain('this one last, which did not finish');
  expect(history).toContain('oldest first: 2.74 s, none');
  expect(history).toContain('<span class="now">–</span>');
});
