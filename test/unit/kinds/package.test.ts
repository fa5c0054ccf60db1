/** The trial of one package of a list: what is started, and what its report comes to. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { verdictOf } from '../../../src/kinds/index.ts';
import type { PackageComponent } from '../../../src/kinds/package/component.ts';
import { judgeTrial } from '../../../src/kinds/package/judge.ts';
import { runPackage } from '../../../src/kinds/package/run.ts';
import type { Exit } from '../../../src/process/system/exit.ts';
import type { RunDirectory } from '../../../src/store/run-directory.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';

const JUDGE = { component: 'shop', verdictOf };
const exited = (code: number): Exit => ({ code, signal: null });
const part = (name: string, verdict: string, ...findings: readonly object[]) => ({ name, verdict, findings });
const report = (verdict: string, exitCode: number, more: object = {}) => ({
  ...{ suite: 'shop@1.2.3', verdict, exitCode, setup: [], notes: [], components: [], ...more },
});
const MISSING = { code: 'missing-file', message: 'exports["."] names a.js, which is not in the package' };
const judged = (found: object, code: number): Finding[] => judgeTrial(found, exited(code), JUDGE);

describe('a report', () => {
  test('of a pass says what was tried, and nothing else', () => {
    const components = [part('entries', 'passed'), part('init', 'passed', { code: 'start-profile' })];
    expect(judged(report('passed', 0, { components }), 0)).toEqual([
      {
        ...{ code: 'package-tried', package: 'shop@1.2.3', parts: 2, leftOut: 0 },
        message: 'shop@1.2.3, 2 things tried',
      },
    ]);
  });

  test('of a failure has the findings that decide, the worst first, each with its part', () => {
    const wait = { code: 'other-runtime', message: 'it needs Bun' };
    const components = [part('init', 'inconclusive', wait), part('entries', 'failed', MISSING)];
    const found = judged(report('failed', 1, { components }), 1);
    expect(found).toMatchObject([
      {
        code: 'package-failed',
        part: 'entries',
        cause: 'missing-file',
        message: `entries: ${MISSING.message}`,
      },
      { code: 'package-unclear', part: 'init', cause: 'other-runtime' },
      { code: 'package-tried', parts: 2 },
    ]);
    expect(verdictOf(found)).toBe('failed');
  });

  test('tells whom a mistake hurts, and counts what hurts nobody as the trial has', () => {
    const nobody = { ...MISSING, hurts: { who: 'nobody', text: 'nobody yet' }, consequence: 'note' };
    const every = { ...MISSING, hurts: { who: 'everyone', text: 'every consumer' } };
    const components = [part('types', 'passed', nobody), part('entries', 'failed', MISSING, every)];
    expect(judged(report('failed', 1, { components }), 1)).toMatchObject([
      { code: 'package-failed', part: 'entries', hurts: { who: 'everyone', text: 'every consumer' } },
      { code: 'package-failed', part: 'entries' },
      { code: 'package-tried' },
    ]);
  });

  test('of a package that cannot be installed is a failure', () => {
    const setup = [
      { name: 'install', outcome: 'failed', findings: [{ code: 'setup-failed', message: 'no' }] },
    ];
    expect(judged(report('failed', 1, { setup }), 1)).toMatchObject([
      { code: 'package-failed', message: 'install: no' },
      { code: 'package-tried', parts: 0 },
    ]);
  });

  test('of a refusal says what is to be corrected', () => {
    const diagnostics = [{ message: 'shop cannot be fetched', hint: 'check it' }];
    expect(judged({ ...report('inconclusive', 2), diagnostics }, 2)).toEqual([
      { code: 'package-untried', message: 'shop cannot be fetched', hint: 'check it' },
    ]);
  });

  test('of a package with nothing to try is no pass', () => {
    expect(judged({}, 4)).toMatchObject([{ code: 'package-untried', message: /nothing to try/ }]);
  });

  test('with more findings than there is room for says so', () => {
    const findings = Array.from({ length: 40 }, () => ({ ...MISSING, message: 'x'.repeat(10_000) }));
    const found = judged(report('failed', 1, { components: [part('entries', 'failed', ...findings)] }), 1);
    expect(found).toHaveLength(13);
    expect(found.at(-1)).toMatchObject({
      leftOut: 28,
      message: expect.stringContaining('28 findings left out'),
    });
    expect(JSON.stringify(found).length).toBeLessThan(12 * 1000);
  });
});

describe('a pass is one only if everything says so', () => {
  const passed = report('passed', 0);
  const failed = [part('entries', 'failed')];
  test.each<[string, unknown, Exit]>([
    ['no report', undefined, exited(0)],
    ['a report that is no object', 'passed', exited(0)],
    ['another exit code than the report has', passed, exited(1)],
    ['killed', passed, { code: null, signal: 'SIGKILL' }],
    ['an exit code that is no number', report('passed', 0, { exitCode: null }), exited(0)],
    ['a verdict that is none', report('great', 0), exited(0)],
    ['a failure without a finding', report('failed', 1, { components: failed }), exited(1)],
    ['a failed part of a pass', report('passed', 0, { components: failed }), exited(0)],
    ['a failure of nothing', report('failed', 1), exited(1)],
    ['a finding that nobody knows', report('failed', 1, { notes: [{ code: 'constructor' }] }), exited(1)],
    ['lists that are none', report('failed', 1, { components: 7, setup: null }), exited(1)],
  ])('%s', (_, read, exit) => {
    expect(verdictOf(judgeTrial(read, exit, JUDGE))).not.toBe('passed');
  });
});

describe('its process', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'shakedown-package-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const COMPONENT = { kind: 'package', command: ['node', 'cli.js', 'package', '@scope/shop'] } as unknown;
  const begin = () => {
    const attempt = new FakeAttempt();
    const directory = { path: folder } as RunDirectory;
    const context = { ...attempt.context, component: '@scope/shop', directory };
    return { attempt, found: runPackage(COMPONENT as PackageComponent, context) };
  };

  test('runs in a folder of its own, where its report is read', async () => {
    const { attempt, found } = begin();
    const started = await attempt.processes.started('try.1/trial');
    expect(readdirSync(join(folder, 'packages'))).toEqual(['@scope+shop.1']);
    const cwd = join(folder, 'packages/@scope+shop.1');
    expect(started.options.cwd).toBe(cwd);
    expect(started.command).toBe(
      `node cli.js package @scope/shop --report json=${cwd}/report.json --no-github`,
    );
    writeFileSync(join(cwd, 'report.json'), JSON.stringify(report('passed', 0)));
    started.finish(0);
    expect(await found).toMatchObject([{ code: 'package-tried' }]);
  });

  test('that is ended early says nothing: whoever has ended it does', async () => {
    const { attempt, found } = begin();
    await attempt.processes.started('try.1/trial');
    attempt.abort({ type: 'interrupted', signal: 'SIGINT' });
    expect(await found).toEqual([]);
  });
});
