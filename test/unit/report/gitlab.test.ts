import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/core/event.ts';
import { gitlabReport } from '../../../src/report/gitlab.ts';
import { type Locator, problemsOf } from '../../../src/report/problems.ts';
import { begin, EXIT, end, FAILED, FLAKY, fold, found, PASSED, RUNS, started } from './runs.ts';

/** What GitLab documents of the format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
const FORMAT = {
  type: 'array',
  items: {
    type: 'object',
    required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
    properties: {
      description: { type: 'string', minLength: 1 },
      check_name: { type: 'string', minLength: 1 },
      fingerprint: { type: 'string', minLength: 1 },
      severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
      location: {
        type: 'object',
        required: ['path', 'lines'],
        properties: {
          // Relative, and not with ./ in front.
          path: { type: 'string', minLength: 1, pattern: '^(?!/|\\./|\\.$)' },
          lines: {
            type: 'object',
            required: ['begin'],
            properties: { begin: { type: 'integer', minimum: 1 } },
          },
        },
      },
    },
  },
};
const accepts = new Ajv2020().compile(FORMAT);

interface Issue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

const locator = (line: number): Locator => ({
  find: () => undefined,
  origin: () => ({ file: 'shakedown.config.ts', line }),
});
const NOWHERE: Locator = { find: () => undefined, origin: () => undefined };

const issues = (run: readonly RunEvent[], where = locator(3)): Issue[] =>
  JSON.parse(gitlabReport(problemsOf(fold(run), where))) as Issue[];

test.each(Object.entries(RUNS))('of %s is as GitLab takes it', (_, run) => {
  for (const where of [locator(1), NOWHERE]) {
    const all = issues(run, where);
    expect(accepts(all), JSON.stringify(accepts.errors)).toBe(true);
    // Of several with the same, GitLab shows one.
    expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(all.length);
  }
});

test('has an issue for each problem, by weight', () => {
  expect(issues(PASSED)).toEqual([]);
  expect(issues(FAILED)[1]).toEqual({
    description: 'http: client exited with code 1: the index has 3 rows, 4 were expected',
    check_name: 'shakedown/exit-code',
    fingerprint: expect.stringMatching(/^[\da-f]{64}$/),
    severity: 'critical',
    location: { path: 'shakedown.config.ts', lines: { begin: 3 } },
  });
  expect(issues(FLAKY).map(({ severity, check_name }) => `${severity} ${check_name}`)).toEqual([
    'minor shakedown/flaky',
  ]);
});

test('keeps the fingerprint of a finding whose line and numbers have changed', () => {
  const prints = (of: readonly Issue[]): string[] => of.map(({ fingerprint }) => fingerprint);
  const again = FAILED.map((event) =>
    event.type === 'finding'
      ? { ...event, finding: { ...event.finding, message: 'took 3 s in pid 9' } }
      : event,
  );
  expect(prints(issues(again, locator(99)))).toEqual(prints(issues(FAILED)));
});

test('says that the run was cut short', () => {
  const run = [
    started([{ name: 'a', kind: 'command' }]),
    ...begin('a'),
    found('a', EXIT),
    end('a', 'failed'),
  ];
  expect(issues(run).map(({ check_name }) => check_name)).toEqual([
    'shakedown/cut-short',
    'shakedown/exit-code',
  ]);
});
