/** The table of what came of a list of packages. */
import { expect, test } from 'vitest';
import { packageTable } from '../../../../src/cli/package-list/table.ts';
import type { RunEvent } from '../../../../src/core/event.ts';
import type { Finding } from '../../../../src/core/finding.ts';
import type { Verdict } from '../../../../src/core/verdict.ts';
import { begin, end, fold, found, started as startedWith } from '../../report/runs.ts';

const tried = (name: string): Finding => ({
  ...{ code: 'package-tried', package: name, parts: 3, leftOut: 0, message: `${name}, 3 things tried` },
});
const by = (agent: string, ...lost: readonly string[]): Finding => ({
  ...{ code: 'package-agent', agent, lost, message: `on ${agent}` },
});

const ended = (name: string, verdict: Verdict, ...findings: readonly Finding[]): RunEvent[] => [
  ...begin(name, 'package'),
  ...findings.map((finding) => found(name, finding)),
  end(name, verdict, { durationMs: 1500 }),
];
const started = (...names: readonly string[]): RunEvent =>
  startedWith(names.map((name) => ({ name, kind: 'package' })));

const FAILED: Finding = {
  code: 'package-failed',
  part: 'entries',
  cause: 'missing-file',
  message: 'entries: a.js',
};

test('has a line for each package, whatever became of it', () => {
  const run: RunEvent[] = [
    started('@scope/a', 'b@^1', 'c'),
    ...ended('@scope/a', 'passed', tried('@scope/a@1.2.3')),
    ...ended('b@^1', 'failed', tried('b@1.0.0'), FAILED),
    { type: 'component-skipped', component: 'c', kind: 'package', reason: 'interrupted' },
  ];
  expect(packageTable(fold(run))).toEqual([
    '  package   version  verdict  time    first finding',
    '  @scope/a  1.2.3    passed   1.50 s',
    '  b@^1      1.0.0    failed   1.50 s  entries: a.js',
    '  c                  skipped          interrupted',
  ]);
});

test('says which agent has tried it, and which was lost before', () => {
  const run: RunEvent[] = [
    started('a', 'b'),
    ...ended('a', 'passed', tried('a@1.0.0'), by('east')),
    ...ended('b', 'passed', tried('b@1.0.0'), by('west', 'east', 'north')),
  ];
  expect(packageTable(fold(run))).toEqual([
    '  package  version  verdict  time    agent                                          first finding',
    '  a        1.0.0    passed   1.50 s  east',
    '  b        1.0.0    passed   1.50 s  west   retried after east and north were lost',
  ]);
});
