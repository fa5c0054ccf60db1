/** The events of a large run, made up. */
import { join } from 'node:path';
import type { RunEvent, Stamped } from '../../src/core/event.ts';
import type { LoadWindow } from '../../src/core/load.ts';
import { ownershipOf } from '../../src/core/ownership.ts';
import { resultOf, windowOf } from '../unit/load/results.ts';

const RUN = '.shakedown/runs/20260105-024534-abcdefg';
/** Where the log of each component would be, in the root. */
export const LOGS = join(RUN, 'logs');

export interface Size {
  readonly components: number;
  readonly seconds: number;
}

/** As real ones differ: around a value, by up to a tenth of it. */
const varied = (value: number, at: number): number => value * (1 + Math.sin(at * at) / 10);

/** A second in which each figure is another one. */
function secondAt(at: number): LoadWindow {
  const { latencyUs } = windowOf(0);
  const more = (value: number): number => Math.round(varied(value, at + value));
  const { response } = latencyUs;
  if (response === null) throw new Error('there is one');
  const times = { p50: more(response.p50), p90: more(response.p90), p99: more(response.p99) };
  return windowOf(at * 1000, {
    rate: { offered: 500, achieved: varied(499, at) },
    latencyUs: { ...latencyUs, response: { ...response, ...times, max: more(response.max) } },
    target: {
      ...{ cpuMs: at * 400 + varied(100, at), rssBytes: more(5e7), processes: 1 },
      ...{ threads: 8, descriptors: more(90) },
    },
  });
}

/** Components that run one after another, of which one in fifty fails, and a load beside them. */
export function largeRun({ components, seconds }: Size, root: string): Stamped[] {
  const runDir = join(root, RUN);
  const names = Array.from({ length: components }, (_, index) => `component-${index + 1}`);
  const common = { version: '0.1.0', root, runDir, startedAt: '2026-01-05T02:45:34.000Z' } as const;
  const begun: RunEvent = {
    ...{ type: 'run-started', run: '20260105-024534-abcdefg', suite: 'shakedown.config.ts', ...common },
    ...{ memory: 'off', ownership: ownershipOf('finders'), jobs: 1 },
    components: [...names, 'load'].map((name) => ({ name, kind: name === 'load' ? 'http' : 'command' })),
  };
  const start = (component: string, kind: string): RunEvent[] => [
    {
      ...{ type: 'component-started', component, kind, attempt: 1 },
      logFile: join(root, LOGS, `${component}.log`),
    },
    ...[
      {
        type: 'process-started' as const,
        component,
        step: component,
        pid: 4711,
        startTicks: 1,
        command: 'true',
      },
    ],
  ];
  const end = (component: string, isFailed: boolean, at = 0): RunEvent[] => [
    {
      ...{ type: 'step-finished', component, step: component, command: `npm run ${component}` },
      ...{ exitCode: isFailed ? 1 : 0, signal: null, durationMs: varied(800, at), lines: 40 },
    },
    ...(isFailed
      ? [
          {
            ...{ type: 'finding' as const, component, attempt: 1 },
            finding: {
              ...{ code: 'exit-code' as const, exitCode: 1, signal: null, step: component },
              message: `${component} exited with code 1: AssertionError: expected 3 rows, got 2`,
              evidence: ['AssertionError: expected 3 rows, got 2', '    at check (src/check.ts:12:3)'],
            },
          },
        ]
      : []),
    {
      ...{ type: 'component-finished', component, verdict: isFailed ? 'failed' : 'passed' },
      ...{ flaky: false, attempts: 1, durationMs: varied(900, at) },
    },
  ];
  const load: RunEvent[] = [
    ...start('load', 'http'),
    ...Array.from(
      { length: seconds },
      (_, at): RunEvent => ({
        ...{ type: 'load-window', component: 'load', step: 'client', limitMs: null },
        window: secondAt(at),
      }),
    ),
    ...[{ type: 'load-finished' as const, component: 'load', step: 'client', load: resultOf() }],
    ...end('load', false),
  ];
  const others = names.flatMap((name, index) => [
    ...start(name, 'command'),
    ...end(name, index % 50 === 7, index),
  ]);
  const all = [begun, ...others, ...load];
  const stepMs = (seconds * 1000) / all.length;
  return [
    ...all,
    { type: 'run-finished' as const, verdict: 'failed' as const, exitCode: 1, durationMs: seconds * 1000 },
  ].map((event, seq): Stamped => ({ ...event, seq, elapsedMs: seq * stepMs }));
}
