/** A run that tries several packages has a section for each, on the terminal and in the page. */
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/core/event.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { drawPackages } from '../../../src/report/html/packages.ts';
import { openRecord } from '../../../src/report/html/record.ts';
import { packagesOf } from '../../../src/report/packages.ts';
import { advance, INITIAL_STATE } from '../../../src/report/state.ts';
import { linesOf } from '../../../src/report/terminal/lines.ts';
import { createPaint } from '../../../src/text/paint.ts';
import { begin, end, finished, fold, found, ROOT, stamp, started } from './runs.ts';

const setUp = (step: string, findings: readonly Finding[]): RunEvent[] => [
  { type: 'setup-started', step },
  {
    type: 'setup-finished',
    ...{ step, outcome: findings.length > 0 ? 'failed' : 'done', durationMs: 5, logFile: null },
    findings,
  },
];

const NAMES = ['ui:entries@node20', 'ui:bin:tool@node20', '@a+core:entries@node20'];
const RUN: readonly RunEvent[] = [
  started(
    NAMES.map((name) => ({ name, kind: 'entries' })),
    { source: { type: 'package', spec: '.' } },
  ),
  ...setUp('install ui@node20', []),
  ...setUp('install @a+core@node20 (react@18.2.0)', []),
  ...setUp('install broken@node20', [{ code: 'setup-failed', message: 'it cannot be packed' }]),
  ...NAMES.flatMap((name) => [
    ...begin(name, 'entries'),
    ...(name === 'ui:bin:tool@node20'
      ? [found(name, { code: 'zero-work', message: 'it does nothing' })]
      : []),
    end(name, name === 'ui:bin:tool@node20' ? 'failed' : 'passed'),
  ]),
  finished('failed', 1),
];

test('each package has its own installations and components', () => {
  const parts = packagesOf(fold(RUN));
  expect(
    parts.map(({ name, verdict, state }) => [name, verdict, state.components.map((each) => each.name)]),
  ).toEqual([
    ['ui', 'failed', NAMES.slice(0, 2)],
    ['@a+core', 'passed', NAMES.slice(2)],
    ['broken', 'failed', []],
  ]);
  expect(packagesOf(fold([started([]), ...setUp('install tools', [])]))).toEqual([]);
});

test('the summary on the terminal has a part for each', () => {
  let state = INITIAL_STATE;
  let last: readonly string[] = [];
  for (const event of stamp(RUN)) {
    state = advance(state, event);
    last = linesOf(event, state, { paint: createPaint(false), cwd: ROOT });
  }
  expect(last.slice(2)).toEqual([
    '  ui  1 passed, 1 failed',
    '    bin:tool@node20: it does nothing',
    '  @a+core  1 passed',
    '  broken  0 passed, 1 failed (setup)',
    '    setup: it cannot be packed',
    '  more: shakedown explain zero-work setup-failed',
  ]);
});

test('so has the page, with links to what was tried and found', () => {
  const record = openRecord();
  for (const event of stamp(RUN)) record.take(event);
  const body = drawPackages(record.kept())?.body.toString() ?? '';
  expect(body.match(/id="package-\d"/g)).toEqual(['id="package-1"', 'id="package-2"', 'id="package-3"']);
  expect(body).toContain('<a href="#c2">bin:tool@node20</a>');
  expect(body).toContain('zero-work</a> it does nothing');
});
