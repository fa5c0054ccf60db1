import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/core/event.ts';
import { jsonReport } from '../../../src/report/json.ts';
import {
  begin,
  COMPARED,
  CRASH,
  EXIT,
  end,
  FAILED,
  FLAKY,
  finished,
  fold,
  LEAK,
  NOTHING_RAN,
  PASSED,
  REFUSED,
  RUNS,
  SETUP_FAILED,
  started,
} from './runs.ts';

const report = (run: Parameters<typeof fold>[0]): unknown => JSON.parse(jsonReport(fold(run)));

describe('the JSON report', () => {
  test.each(Object.entries(RUNS))('of %s has every name that is promised, each with its type', (_, run) => {
    const verdict = expect.stringMatching(/^(?:passed|failed|inconclusive|skipped)$/);
    const finding = expect.objectContaining({ code: expect.any(String), message: expect.any(String) });
    const all = report(run) as { components: unknown[]; notes: unknown[] };
    expect(all).toMatchObject({
      version: 1,
      suite: 'integration',
      startedAt: '2026-01-05T02:45:34.000Z',
      durationMs: expect.any(Number),
      verdict,
      exitCode: expect.any(Number),
      ownership: {
        tier: expect.stringMatching(/^(?:finders|process-group)$/),
        guarantees: expect.any(Array),
      },
      components: expect.any(Array),
    });
    for (const component of all.components as Record<string, unknown>[]) {
      expect(component).toMatchObject({
        name: expect.any(String),
        verdict,
        durationMs: expect.any(Number),
        flaky: expect.any(Boolean),
        slow: expect.any(Boolean),
      });
      for (const key of ['kind', 'logFile'])
        expect(component[key] === null || typeof component[key] === 'string', key).toBe(true);
      expect(component.findings).toEqual((component.findings as unknown[]).map(() => finding));
      for (const service of component.services as Record<string, unknown>[])
        expect(service).toMatchObject({ pid: expect.any(Number), readyAfterMs: expect.any(Number) });
      for (const service of component.services as Record<string, unknown>[])
        expect(service).toHaveProperty('port');
      for (const one of component.steps as Record<string, unknown>[])
        expect(one).toMatchObject({ name: expect.any(String), command: expect.any(String) });
    }
  });

  test('of a run that was refused has the mistakes, each with its place', () => {
    expect(report(REFUSED)).toMatchObject({
      version: 1,
      suite: '',
      verdict: 'inconclusive',
      exitCode: 2,
      components: [],
      diagnostics: [
        { message: 'there is no option `prot`', hint: 'did you mean `port`?', location: { line: 3 } },
      ],
    });
  });

  test('of a run that failed', () => {
    const step = { signal: null, durationMs: 120 };
    expect(report(FAILED)).toEqual({
      version: 1,
      shakedown: '0.1.0',
      run: '20260105-024534-x',
      suite: 'integration',
      root: '/srv/app',
      startedAt: '2026-01-05T02:45:34.000Z',
      durationMs: 2345.679,
      verdict: 'failed',
      exitCode: 1,
      memory: 'debug',
      ownership: { tier: 'finders', guarantees: ['marked', 'marked-when-killed'] },
      setup: [],
      notes: [expect.objectContaining({ code: 'leaked-process' })],
      components: [
        {
          name: 'thread',
          kind: 'command',
          verdict: 'failed',
          startedAfterMs: 10,
          durationMs: 150,
          flaky: false,
          slow: false,
          attempts: 1,
          findings: [LEAK, CRASH],
          earlierFindings: [],
          steps: [{ name: 'thread', command: './thread', exitCode: 0, ...step }],
          services: [],
          logFile: '.shakedown/runs/20260105-024534-x/logs/thread.log',
        },
        {
          name: 'http',
          kind: 'http',
          verdict: 'failed',
          startedAfterMs: 80,
          durationMs: 150,
          flaky: false,
          slow: false,
          attempts: 1,
          findings: [EXIT],
          earlierFindings: [],
          steps: [{ name: 'client', command: './client', exitCode: 1, ...step }],
          services: [
            { name: 'db', pid: 4712, port: null, startedAfterMs: 78, readyAfterMs: 12 },
            { name: 'server', pid: 4712, port: 8001, startedAfterMs: 57.576, readyAfterMs: 42.424 },
          ],
          logFile: '.shakedown/runs/20260105-024534-x/logs/http.log',
        },
        expect.objectContaining({ name: 'typestubs', verdict: 'skipped', durationMs: 150 }),
        {
          name: 'init',
          kind: 'command',
          verdict: 'skipped',
          startedAfterMs: null,
          durationMs: 0,
          flaky: false,
          slow: false,
          attempts: 0,
          skipped: 'thread failed',
          findings: [],
          earlierFindings: [],
          steps: [],
          services: [],
          logFile: null,
        },
      ],
    });
  });

  test('tells each component’s past in few numbers', () => {
    const usual = { passed: 6, medianMs: 102.5 };
    expect(report(COMPARED)).toMatchObject({
      components: [
        { history: { runs: 6, failed: 0, flaky: 0, slowest: true, ...usual } },
        { history: { runs: 8, failed: 2, flaky: 0, slowest: false, ...usual } },
        { history: { slowest: false } },
        { history: { slowest: false } },
      ],
    });
    expect(JSON.stringify(report(FLAKY))).not.toContain('history');
  });

  test('tells what was flaky, what was prepared and what was left out', () => {
    expect(report(FLAKY)).toMatchObject({
      verdict: 'passed',
      components: [{ flaky: true, attempts: 2, findings: [], earlierFindings: [EXIT] }],
    });
    expect(report(PASSED)).toMatchObject({
      setup: [
        { name: 'npm ci', outcome: 'cached', durationMs: 3, findings: [] },
        { name: 'setup', outcome: 'done', durationMs: 1234, findings: [] },
      ],
    });
    expect(report(SETUP_FAILED)).toMatchObject({
      setup: [{ outcome: 'failed', findings: [{ code: 'exit-code' }] }],
      components: [{ skipped: 'the setup failed' }, { skipped: 'the setup failed' }],
    });
    expect(report(NOTHING_RAN)).toMatchObject({
      verdict: 'skipped',
      exitCode: 4,
      components: [{ kind: null }],
    });
  });

  test('of a run that did not come to its end is inconclusive', () => {
    expect(report(PASSED.slice(0, 10))).toMatchObject({ verdict: 'inconclusive', exitCode: null });
  });

  test('tells when each thing began, counted from the start of the run', () => {
    const done = { outcome: 'done', durationMs: 5, findings: [], logFile: 'x.log' } as const;
    const run: RunEvent[] = [
      started([{ name: 'a', kind: 'command' }]),
      { type: 'setup-started', step: 'npm ci' },
      { type: 'setup-finished', step: 'npm ci', ...done },
      { type: 'shared-started', shared: 'db', kind: 'service', logFile: 'db.log' },
      ...begin('a'),
      ...begin('a'),
      { type: 'component-retrying', component: 'a', attempt: 2, attempts: 2 },
      ...begin('a', 'command', 2),
      end('a', 'passed', { attempts: 2, flaky: true }),
      { type: 'teardown-started', step: 'rm', kind: 'teardown', command: 'rm x' },
      { type: 'teardown-finished', step: 'rm', kind: 'teardown', ...done },
      finished('passed', 0),
    ];
    expect(report(run)).toMatchObject({
      setup: [{ startedAfterMs: 10 }],
      services: [{ startedAfterMs: 30 }],
      // A pass that is repeated is no attempt of its own.
      components: [{ startedAfterMs: 40, attemptsStartedAfterMs: [40, 70] }],
      teardown: [{ startedAfterMs: 90 }],
    });
    expect(JSON.stringify(report(PASSED))).not.toContain('attemptsStartedAfterMs');
  });

  test('ends with a line break', () => {
    expect(jsonReport(fold(PASSED)).endsWith('}\n')).toBe(true);
  });
});
