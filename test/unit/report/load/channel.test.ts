/** What is told of a load on open connections, beyond what is told of any. */
import { expect, test } from 'vitest';
import type { LoadSummary } from '../../../../src/core/load.ts';
import { describeLoad, loadLine } from '../../../../src/load/report/brief.ts';
import { csvHead, csvLines, loadText, progressText } from '../../../../src/load/report/index.ts';
import { createPaint } from '../../../../src/text/paint.ts';
import { planFor } from '../../load/plans.ts';
import { CHANNEL, resultOf, windowOf } from '../../load/results.ts';

const PLAIN = createPaint(false);
const text = (more: Parameters<typeof resultOf>[0]): string => loadText(resultOf(more), PLAIN).join('\n');
const NOTHING = { refused: 0, lost: 0, ended: 0, wrong: 0, unasked: 0, closes: {} };

test('messages: how WebSockets were opened and lost, by close code, and what came', () => {
  const told = text({ channel: CHANNEL });
  expect(told).toContain('messages      1,000 due: 1,000 completed');
  expect(told).toContain(
    'WebSockets    12 opened, 1 could not be opened, 3 ended, 2 lost (1006: 2), 10 open at the end',
  );
  expect(told).toContain(
    'received      1,010 messages (505/s), 10 that answered nothing, 4 wrong after the first of their stream',
  );
  expect(told).toMatch(
    /\n {2}connect +\S.*\n {2}gap +\S.*\n {2}until its answer: response from when it was due/,
  );
  expect(told).toContain('PASSED  1,000 messages answered in 2.00 s');
});

test('that nothing was expected of the answers, or nothing was sent, is said', () => {
  const { counts } = resultOf();
  const quiet = { ...CHANNEL, ...NOTHING };
  expect(text({ channel: quiet, counts: { ...counts, checked: 0 } })).toContain(
    'nothing was expected of the answers: any would do',
  );
  expect(text({ channel: quiet })).not.toContain('any would do');
  expect(text({ channel: quiet, counts: { ...counts, checked: 0 } })).not.toContain('times may be');
  expect(text({ channel: CHANNEL, counts: { ...counts, checked: 0 } })).toMatch(
    /any would do\n.*times may be those of other messages:\n.*with \{\{counter\}\}/,
  );
  const idle = text({ channel: { ...quiet, unit: 'connection' } });
  expect(idle).toContain('nothing was sent: tried was that WebSockets open, and stay open');
  expect(idle).toContain('PASSED  1,000 WebSockets opened in 2.00 s');
});

test('streams, in one line, in the progress and in a CSV file', () => {
  const load: LoadSummary = resultOf({ channel: { ...CHANNEL, type: 'sse', unit: 'stream', closes: {} } });
  expect(loadLine(load)).toMatch(/^1,000 streams, .*, 1 not opened, 2 lost, 4 wrong events$/);
  const plan = planFor('http://localhost/', { channel: { type: 'sse', checks: [] } });
  expect(describeLoad(plan)).toBe('closed loop, 1 connection · 1 stream · streams of events');
  const window = windowOf(0, { channel: { open: 10, opened: 10, lost: 1, received: 250, unasked: 0 } });
  expect(progressText([window], plan, PLAIN)).toMatch(/, 10 open, 250\/s received, 0 streams left$/);
  const cells = csvLines(window, null).trimEnd().split(',');
  const at = csvHead(false).trimEnd().split(',').indexOf('channel.open');
  expect(cells.slice(at, at + 5)).toEqual(['10', '10', '1', '250', '0']);
  expect(csvLines(windowOf(0), null).trimEnd()).toMatch(/,{5}$/);
});
