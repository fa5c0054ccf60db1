import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openReports, parseReports, reportOnOutput, requestReports } from '../../../src/cli/reports.ts';
import { FAILED, stamp } from '../report/runs.ts';

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

test('a file says which run it was, should Shakedown be killed, as soon as that is known', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-reports-'));
  const file = join(folder, 'run.json');
  const opened = await openReports([{ format: 'json', file }]);
  if (!opened.ok) throw new Error('it is not opened');
  const [report] = opened.value;
  const said = (): unknown => JSON.parse(readFileSync(file, 'utf8'));
  expect(said()).toMatchObject({ run: '', verdict: 'inconclusive' });
  const events = stamp(FAILED);
  const isStart = ({ type }: { readonly type: string }): boolean => type === 'run-started';
  for (const event of events.slice(0, events.findIndex(isStart) + 1)) report?.sink(event);
  await new Promise((resolve) => setImmediate(resolve));
  expect(said()).toMatchObject({ run: '20260105-024534-x', verdict: 'inconclusive', exitCode: null });
  for (const event of events.slice(events.findIndex(isStart) + 1)) report?.sink(event);
  expect(await report?.finish()).toBeUndefined();
  expect(said()).toMatchObject({ verdict: 'failed' });
  rmSync(folder, { recursive: true });
});

describe('GitHub', () => {
  const here = { cwd: '/here' };
  const inWorkflow = { GITHUB_ACTIONS: 'true' };
  const github = { format: 'github', file: null };

  test('is told in a workflow, unless that is forbidden, and elsewhere if it is asked for', () => {
    expect(requestReports({}, here, inWorkflow)).toEqual({ ok: true, value: [github] });
    expect(requestReports({ report: ['github'] }, here, inWorkflow)).toEqual({ ok: true, value: [github] });
    expect(requestReports({ report: ['github'] }, here, {})).toEqual({ ok: true, value: [github] });
    expect(requestReports({ github: false }, here, inWorkflow)).toEqual({ ok: true, value: [] });
    expect(requestReports({}, here, {})).toEqual({ ok: true, value: [] });
  });

  test('takes nothing from a report on standard output', () => {
    const requests = requestReports({ report: ['json'] }, here, inWorkflow);
    expect(requests).toEqual({ ok: true, value: [{ format: 'json', file: null }, github] });
    expect(requests.ok && reportOnOutput(requests.value)).toBe('json');
    expect(reportOnOutput([{ format: 'github', file: null }])).toBeUndefined();
  });

  test('is not both asked for and forbidden, and has no file', () => {
    expect(requestReports({ report: ['github'], github: false }, here, {})).toMatchObject({
      error: [{ message: '--report github and --no-github contradict each other' }],
    });
    expect(parseReports(['github=x.md'], '/here')).toMatchObject({
      error: [{ message: expect.stringMatching(/^the github report goes to GitHub/) }],
    });
  });
});
