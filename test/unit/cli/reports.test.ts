import { expect, test } from 'vitest';
import { parseReports } from '../../../src/cli/reports.ts';

test('a page to look at goes to a file, whether one is named or not; data goes where it is sent', () => {
  expect(parseReports(['html', 'json'], '/here')).toEqual({
    ok: true,
    value: [
      { format: 'html', file: '/here/shakedown-report.html' },
      { format: 'json', file: null },
    ],
  });
  expect(parseReports(['html=out/page.html'], '/here')).toMatchObject({
    value: [{ file: '/here/out/page.html' }],
  });
});

test('two pages without a name would be the same file', () => {
  expect(parseReports(['html', 'html'], '/here')).toMatchObject({
    error: [{ message: expect.stringContaining('/here/shakedown-report.html') }],
  });
});

test('a format and nothing after it is not guessed', () => {
  expect(parseReports(['html='], '/here')).toMatchObject({
    error: [{ hint: '--report html=FILE, or --report html for shakedown-report.html' }],
  });
});
