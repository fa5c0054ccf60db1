/** What GitHub shows of a run: annotations and the summary of the job. */
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/core/event.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { TestResults } from '../../../src/core/test-results.ts';
import { annotationsOf } from '../../../src/report/github/annotations.ts';
import { summaryOf } from '../../../src/report/github/summary.ts';
import { type Locator, problemsOf } from '../../../src/report/problems.ts';
import { obeyedIn } from '../../rig/workflow-runner.ts';
import {
  begin,
  EXIT,
  end,
  FAILED,
  FLAKY,
  finished,
  fold,
  found,
  PASSED,
  REFUSED,
  ROOT,
  SETUP_FAILED,
  started,
} from './runs.ts';

/** Everything below the root exists; components are in the config. */
const LOCATOR: Locator = {
  find: ({ file, ...at }, [folder]) =>
    file.startsWith('/') ? undefined : { ...at, file: `${folder}/${file}`.replace(`${ROOT}/`, '') },
  origin: (component) => ({ file: 'shakedown.config.ts', line: component === null ? 1 : component.length }),
};

const problems = (run: readonly RunEvent[]) => problemsOf(fold(run), LOCATOR);
const obeyed = (run: readonly RunEvent[]) => obeyedIn(annotationsOf(problems(run)).join('\n'));
const brief = (run: readonly RunEvent[]) =>
  obeyed(run).map(({ name, properties: { file, line, title } }) => `${name} ${file}:${line} ${title}`);

const summary = (run: readonly RunEvent[], most = 1_000_000): string =>
  summaryOf(fold(run), {
    ...{ most, problems: problems(run) },
    urlOf: ({ file, line }) => `https://example.com/${file}#L${line}`,
  });

const TRACE = ['Traceback (most recent call last):', '  File "tests/a.py", line 7, in f', 'KeyError: 3'];
const FAILING: Finding = { ...EXIT, evidence: TRACE } as Finding;

const failing = (components: readonly string[], finding: (name: string) => Finding): RunEvent[] => [
  started(
    components.map((name) => ({ name, kind: 'command', cwd: `${ROOT}/${name}` })),
    { source: { type: 'config', file: `${ROOT}/shakedown.config.ts` } },
  ),
  ...components.flatMap((name) => [...begin(name), found(name, finding(name)), end(name, 'failed')]),
  finished('failed', 1),
];

describe('an annotation', () => {
  test('is where the finding points to, in the folder that the component was run in', () => {
    expect(obeyed(failing(['api'], () => FAILING))).toEqual([
      {
        name: 'error',
        properties: { file: 'api/tests/a.py', line: '7', title: 'api: exit-code' },
        data: `client exited with code 1: the index has 3 rows, 4 were expected\n${TRACE.map((line) => `  ${line}`).join('\n')}`,
      },
    ]);
  });

  test('else where the component is written down', () => {
    expect(brief(FAILED)).toEqual([
      'error shakedown.config.ts:6 thread: leaked-process',
      'error shakedown.config.ts:4 http: exit-code',
      'error shakedown.config.ts:1 run: leaked-process',
      'error shakedown.config.ts:6 thread: forbidden-output',
    ]);
    expect(brief(SETUP_FAILED)[0]).toMatch(/^error shakedown\.config\.ts:1 setup: npm ci: /);
  });

  test('warns of what is flaky, with the reason of the attempt that failed', () => {
    expect(brief(FLAKY)).toEqual(['warning shakedown.config.ts:4 http: flaky']);
    expect(obeyed(FLAKY)[0]?.data).toMatch(/^passed on attempt 2; before: client exited with code 1/);
  });

  test('warns of what is inconclusive', () => {
    const run = failing(['a'], () => ({ code: 'machine-trouble', message: 'no more files may be opened' }));
    expect(brief(run)).toEqual(['warning shakedown.config.ts:1 a: machine-trouble']);
  });

  test('is at the mistake of a config', () => {
    expect(brief(REFUSED)).toEqual(['error shakedown.config.json:3 shakedown: config']);
    expect(obeyed(REFUSED)[0]?.data).toBe('there is no option `prot`\ndid you mean `port`?');
  });

  test('stands for each single test that failed, after what decided', () => {
    const tests: TestResults = {
      ...{ format: 'pytest', from: null, isComplete: true, left: 0 },
      counts: { passed: 1, failed: 2, skipped: 0 },
      cases: (['a', 'b', 'c'] as const).map((name, at) => ({
        ...{ name, suite: 'test_x', outcome: at === 2 ? 'passed' : 'failed', durationMs: 1 },
        ...{ file: at === 0 ? 'x.py' : null, line: at === 0 ? 12 : null, message: 'no', output: TRACE },
      })),
    };
    const [start, ...rest] = failing(['api'], () => EXIT);
    const run = [
      start,
      { type: 'tests-finished', component: 'api', attempt: 1, tests },
      ...rest,
    ] as RunEvent[];
    // An attempt begins without tests.
    run.splice(1, 2, run[2] as RunEvent, run[1] as RunEvent);
    expect(brief(run)).toEqual([
      'error shakedown.config.ts:3 api: exit-code',
      'error api/x.py:12 api: test',
      'error api/tests/a.py:7 api: test',
    ]);
  });

  test('is one where a test says at the same line what the exit code says', () => {
    const tests: TestResults = {
      ...{ format: 'pytest', from: null, isComplete: true, left: 0 },
      counts: { passed: 0, failed: 1, skipped: 0 },
      cases: [
        {
          ...{ name: 'a', suite: 'test_x', outcome: 'failed', durationMs: 1, message: 'no', output: TRACE },
          ...{ file: 'tests/a.py', line: 7 },
        },
      ],
    };
    const [start, begun, ...rest] = failing(['api'], () => FAILING);
    const told = { type: 'tests-finished', component: 'api', attempt: 1, tests };
    expect(brief([start, begun, told, ...rest] as RunEvent[])).toEqual(['error api/tests/a.py:7 api: test']);
  });

  test('is not repeated for a service that failed its users, nor for faults that met the same', () => {
    const finding: Finding = { ...EXIT, message: 'db ended' } as Finding;
    const [start, ...rest] = failing(['api', 'web'], () => finding);
    const shared: RunEvent[] = [
      { type: 'shared-started', shared: 'db', kind: 'service', logFile: '' },
      { type: 'shared-finished', shared: 'db', outcome: 'failed', durationMs: 1, findings: [finding] },
    ];
    expect(brief([start as RunEvent, ...shared, ...rest])).toEqual([
      'error shakedown.config.ts:1 db: exit-code',
    ]);
    const trials = failing(['api'], () => ({
      code: 'not-tried',
      message: 'no time',
      fault: 'x',
      subject: null,
    }));
    const again = found('api', { code: 'not-tried', message: 'no time', fault: 'y', subject: null });
    expect(brief([...trials.slice(0, 2), again, ...trials.slice(2)])).toHaveLength(1);
  });

  test('comes with nothing if all is well', () => {
    expect(annotationsOf(problems(PASSED))).toEqual([]);
  });

  test('is one of ten at most of each level, and the rest is counted', () => {
    const names = Array.from({ length: 25 }, (_, at) => `c${String(at).padStart(2, '0')}`);
    const run = failing(names, (name) =>
      name < 'c13'
        ? ({ ...EXIT, message: `${name} failed` } as Finding)
        : { code: 'machine-trouble', message: `${name} is unclear` },
    );
    const told = obeyed(run);
    expect(told.filter(({ name }) => name === 'error').map(({ data }) => data.slice(0, 3))).toEqual(
      names.slice(0, 10),
    );
    expect(told.filter(({ name }) => name === 'warning')).toHaveLength(10);
    expect(told.at(-1)).toMatchObject({ name: 'notice' });
    expect(told.at(-1)?.data).toMatch(/^3 more errors and 2 more warnings: /);
  });
});

describe('the summary of a job', () => {
  test('has the verdict, the causes with evidence and place, and a table of the components', () => {
    const text = summary(failing(['api'], () => FAILING));
    expect(text).toMatch(/^## ❌ FAILED 0 passed, 1 failed in 2\.35 s\n/);
    expect(text).toContain(
      '```text\nTraceback (most recent call last):\n  File "tests/a.py", line 7, in f\nKeyError: 3\n```\n',
    );
    expect(text).toContain('<a href="https&#58;//example&#46;com/api/tests/a&#46;py&#35;L7">');
    expect(text).toMatch(/^\| ❌ failed \| <code>api<\/code> \| <code>command<\/code> \| 150 ms \|/m);
  });

  test('lists flaky ones with what was found before', () => {
    const text = summary(FLAKY);
    expect(text).toMatch(/^## ✅ PASSED 1 passed \(1 flaky\)/);
    expect(text).toContain('<code>http</code> passed on attempt 2; what failed before</summary>');
    expect(text).toContain('the index has 3 rows, 4 were expected');
  });

  test('shows the mistake because of which nothing was run', () => {
    expect(summary(REFUSED)).toContain('```text\nshakedown.config.json:3:7: there is no option `prot`\n');
  });

  test('is cut where it becomes too long, and says so', () => {
    const names = Array.from({ length: 500 }, (_, at) => `component ${at}`);
    const text = summary(
      failing(names, () => FAILING),
      20_000,
    );
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(20_000);
    expect(text).toMatch(/\n\*\*This summary is cut here: .*\*\*\n$/);
    expect(text.match(/```/g)?.length).toSatisfy((count: number) => count % 2 === 0);
  });
});
