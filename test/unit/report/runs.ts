/** Runs as lists of events, in the order in which the engine emits them. */
import type { RunEvent, Stamped } from '../../../src/core/event.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { ownershipOf } from '../../../src/core/ownership.ts';
import type { Judgement } from '../../../src/core/proof.ts';
import { advance, INITIAL_STATE, type RunState } from '../../../src/report/state.ts';

export const ROOT = '/srv/app';
const LOGS = `${ROOT}/.shakedown/runs/20260105-024534-x/logs`;

/** Events with their places in the run, ten milliseconds apart. */
export const stamp = (events: readonly RunEvent[]): Stamped[] =>
  events.map((event, seq) => ({ ...event, seq, elapsedMs: seq * 10 }));

export const fold = (events: readonly RunEvent[]): RunState => stamp(events).reduce(advance, INITIAL_STATE);

type Started = Extract<RunEvent, { type: 'run-started' }>;

export const started = (
  components: Started['components'],
  over: Partial<Omit<Started, 'type'>> = {},
): RunEvent => ({
  type: 'run-started',
  run: '20260105-024534-x',
  version: '0.1.0',
  suite: 'integration',
  root: ROOT,
  runDir: `${ROOT}/.shakedown/runs/20260105-024534-x`,
  startedAt: '2026-01-05T02:45:34.000Z',
  memory: 'debug',
  ownership: ownershipOf('finders'),
  jobs: 1,
  components,
  ...over,
});

export const finished = (
  verdict: Extract<RunEvent, { type: 'run-finished' }>['verdict'],
  exitCode: number,
  durationMs = 2345.6789,
): RunEvent => ({ type: 'run-finished', verdict, exitCode, durationMs });

type Kind = Started['components'][number]['kind'];

export const begin = (component: string, kind: Kind = 'command', attempt = 1): RunEvent[] => [
  {
    type: 'component-started',
    component,
    kind,
    attempt,
    logFile: `${LOGS}/${component}${attempt === 1 ? '' : `.${attempt}`}.log`,
  },
];

export const step = (component: string, name: string, exitCode: number, durationMs = 120): RunEvent[] => [
  { type: 'process-started', component, step: name, pid: 4711, startTicks: 382_915, command: `./${name}` },
  { type: 'output', component, step: name, lastLine: `${name} says hello` },
  {
    type: 'step-finished',
    component,
    step: name,
    command: `./${name}`,
    exitCode,
    signal: null,
    durationMs,
    lines: 3,
  },
];

export const ready = (
  component: string,
  service: string,
  port: number | null,
  readyAfterMs: number,
): RunEvent => ({
  type: 'service-ready',
  component,
  service,
  pid: 4712,
  port,
  readyAfterMs,
});

export const found = (component: string, finding: Finding, attempt = 1): RunEvent => ({
  type: 'finding',
  component,
  attempt,
  finding,
});

export const gridOf = (component: string, title: string): RunEvent => ({
  type: 'grid-finished',
  component,
  grid: {
    ...{ title, rowsAre: 'load order', columnsAre: 'how threads end' },
    ...{ rows: ['worker-only', 'main-first'], columns: ['natural', 'terminate'] },
    cells: [
      { row: 'worker-only', column: 'natural', outcome: 'passed', text: '400 calls', detail: [] },
      { row: 'main-first', column: 'natural', outcome: 'failed', text: 'crashed', detail: ['by SIGSEGV'] },
    ],
  },
});

export const end = (
  component: string,
  verdict: Extract<RunEvent, { type: 'component-finished' }>['verdict'],
  over: { durationMs?: number; flaky?: boolean; attempts?: number } = {},
): RunEvent => ({
  type: 'component-finished',
  component,
  verdict,
  flaky: false,
  attempts: 1,
  durationMs: 150,
  ...over,
});

export const CRASH: Finding = {
  code: 'forbidden-output',
  step: 'thread',
  message: 'thread printed 450,000 Python tracebacks, although it did not fail: AssertionError: wrong sum',
  evidence: ['Traceback (most recent call last):', 'AssertionError: wrong sum', '… and 449,999 more like it'],
  hint: 'an exit code of 0 is not trusted alone',
  pattern: 'Python traceback',
  count: 450_000,
  matches: [{ line: 1, text: ['Traceback (most recent call last):', 'AssertionError: wrong sum'] }],
};

export const EXIT: Finding = {
  code: 'exit-code',
  step: 'client',
  message: 'client exited with code 1: the index has 3 rows, 4 were expected',
  evidence: ['checking the index', 'the index has 3 rows, 4 were expected'],
  exitCode: 1,
  signal: null,
};

export const LEAK: Finding = {
  code: 'leaked-process',
  step: 'thread',
  message: 'thread has ended and left 1 process behind: sleep 30 (pid 4713)',
  hint: 'they were stopped; a script must stop, or wait for, what it starts',
  processes: [{ pid: 4713, command: 'sleep 30', ageMs: 1500 }],
  count: 1,
};

const SUITE = [
  { name: 'thread', kind: 'command' },
  { name: 'http', kind: 'http' },
  { name: 'typestubs', kind: 'types' },
  { name: 'init', kind: 'command' },
] as const;

export const PASSED: readonly RunEvent[] = [
  started(SUITE),
  { type: 'setup-started', step: 'npm ci' },
  { type: 'setup-finished', step: 'npm ci', outcome: 'cached', durationMs: 3, logFile: null, findings: [] },
  { type: 'setup-started', step: 'setup' },
  { type: 'output', component: 'setup:setup', step: 'setup', lastLine: 'compiling' },
  {
    type: 'setup-finished',
    step: 'setup',
    outcome: 'done',
    durationMs: 1234,
    logFile: `${LOGS}/setup-2.log`,
    findings: [],
  },
  ...begin('thread'),
  ...step('thread', 'thread', 0),
  end('thread', 'passed', { durationMs: 1234.5678 }),
  ...begin('http', 'http'),
  ready('http', 'server', 8001, 42.4242),
  ...step('http', 'client', 0),
  { type: 'service-ended', component: 'http', service: 'server', durationMs: 8 },
  end('http', 'passed', { durationMs: 300 }),
  ...begin('typestubs', 'types'),
  ...step('typestubs', 'run', 0, 85),
  ...step('typestubs', 'mypy', 0, 61_000),
  end('typestubs', 'passed', { durationMs: 61_085 }),
  ...begin('init'),
  ...step('init', 'init', 0),
  end('init', 'passed'),
  finished('passed', 0, 62_345),
];

export const FAILED: readonly RunEvent[] = [
  started(SUITE),
  ...begin('thread'),
  ...step('thread', 'thread', 0),
  found('thread', LEAK),
  found('thread', CRASH),
  end('thread', 'failed'),
  ...begin('http', 'http'),
  ready('http', 'db', null, 12),
  ready('http', 'server', 8001, 42.4242),
  ...step('http', 'client', 1),
  found('http', EXIT),
  end('http', 'failed'),
  ...begin('typestubs', 'types'),
  ...step('typestubs', 'run', 0),
  end('typestubs', 'skipped'),
  { type: 'component-skipped', component: 'init', kind: 'command', reason: 'thread failed' },
  {
    type: 'run-note',
    finding: {
      code: 'leaked-process',
      message: '1 process of this run outlived every component and had to be killed',
      processes: [{ pid: 4714, command: 'python3 app.py', ageMs: 62_000 }],
      count: 1,
    },
  },
  finished('failed', 1),
];

export const FLAKY: readonly RunEvent[] = [
  started(SUITE.slice(1, 2), { memory: 'off', ownership: ownershipOf('process-group') }),
  {
    type: 'run-note',
    finding: {
      code: 'swept',
      message: 'ended 1 process that an earlier run left when it was killed: ./http (pid 4700)',
      processes: [{ pid: 4700, command: './http', ageMs: 120_000 }],
      count: 1,
    },
  },
  ...begin('http', 'http'),
  ...step('http', 'client', 1),
  found('http', EXIT),
  { type: 'component-retrying', component: 'http', attempt: 1, attempts: 3 },
  ...begin('http', 'http', 2),
  ready('http', 'server', 8001, 7),
  ...step('http', 'client', 0),
  end('http', 'passed', { flaky: true, attempts: 2 }),
  finished('passed', 0),
];

/** What is known of earlier runs: each by name, how long it took, or -1 if it failed. */
export const history = (components: Readonly<Record<string, readonly number[]>>): RunEvent => {
  const most = Math.max(...Object.values(components).map(({ length }) => length));
  const none = { flaky: false, rate: null, p99Us: null, errors: null };
  return {
    type: 'history',
    runs: Array.from({ length: most }, (_, at) => ({
      ...{ run: `20260104-02453${at % 10}-x${at}`, startedAt: `2026-01-04T02:45:3${at % 10}.000Z` },
      ...{ verdict: 'passed', durationMs: 3000 },
    })),
    components: Object.fromEntries(
      Object.entries(components).map(([name, times]) => [
        name,
        times.map((durationMs) => ({ verdict: durationMs < 0 ? 'failed' : 'passed', durationMs, ...none })),
      ]),
    ),
  };
};

const USUALLY = [100, 110, 90, 120, 100, 105];

/** A run of which there is something to be said in the light of earlier ones, and something that is as ever. */
export const COMPARED: readonly RunEvent[] = [
  started(SUITE, { memory: 'off' }),
  history({ thread: USUALLY, http: [...USUALLY, -1, -1], typestubs: USUALLY, init: USUALLY }),
  ...begin('thread'),
  end('thread', 'passed', { durationMs: 950 }),
  ...begin('http', 'http'),
  ready('http', 'server', 8001, 7),
  ...step('http', 'client', 1),
  found('http', EXIT),
  end('http', 'failed'),
  ...begin('typestubs', 'types'),
  end('typestubs', 'passed', { flaky: true, attempts: 2 }),
  ...begin('init'),
  end('init', 'passed'),
  finished('failed', 1),
];

export const NOTHING_RAN: readonly RunEvent[] = [
  started([]),
  {
    type: 'component-skipped',
    component: 'http',
    kind: null,
    reason: 'there is no executable http in integration',
  },
  finished('skipped', 4, 5),
];

export const REFUSED: readonly RunEvent[] = [
  {
    type: 'run-refused',
    version: '0.1.0',
    root: ROOT,
    startedAt: '2026-01-05T02:45:34.000Z',
    diagnostics: [
      {
        message: 'there is no option `prot`',
        hint: 'did you mean `port`?',
        location: { file: 'shakedown.config.json', line: 3, column: 7, length: 6, text: '      "prot": 1' },
      },
    ],
    exitCode: 2,
  },
];

export const SETUP_FAILED: readonly RunEvent[] = [
  started(SUITE.slice(0, 2)),
  { type: 'setup-started', step: 'npm ci' },
  {
    type: 'setup-finished',
    step: 'npm ci',
    outcome: 'failed',
    durationMs: 900,
    logFile: `${LOGS}/setup-1.log`,
    findings: [
      {
        code: 'exit-code',
        step: 'setup "npm ci"',
        message: 'setup "npm ci" exited with code 1: npm error Missing lock file',
        evidence: ['npm error code EUSAGE', 'npm error Missing lock file'],
        exitCode: 1,
        signal: null,
      },
    ],
  },
  { type: 'component-skipped', component: 'thread', kind: 'command', reason: 'the setup failed' },
  { type: 'component-skipped', component: 'http', kind: 'http', reason: 'the setup failed' },
  finished('failed', 1),
];

export const INTERRUPTED: readonly RunEvent[] = [
  started(SUITE.slice(0, 2)),
  ...begin('thread'),
  ...step('thread', 'thread', 0).slice(0, 2),
  { type: 'interrupted', signal: 'SIGINT', again: false, ending: ['thread'] },
  { type: 'interrupted', signal: 'SIGINT', again: true, ending: ['thread'] },
  found('thread', { code: 'interrupted', message: 'thread was interrupted by SIGINT', signal: 'SIGINT' }),
  end('thread', 'inconclusive'),
  { type: 'component-skipped', component: 'http', kind: 'http', reason: 'interrupted' },
  finished('inconclusive', 130),
];

const RUNNING = [
  { pid: 4711, parent: 4000, command: './thread', state: 'sleeping', cpuMs: 40, ageMs: 60_000 },
  { pid: 4712, parent: 4711, command: 'python3 worker.py', state: 'running', cpuMs: 59_000, ageMs: 59_900 },
] as const;

export const STUCK: readonly RunEvent[] = [
  started(SUITE.slice(0, 1)),
  { type: 'running', components: [] },
  ...begin('thread'),
  ...step('thread', 'thread', 0).slice(0, 2),
  { type: 'resumed', stoppedMs: 5000 },
  gridOf('thread', 'threads of ./thread.mjs'),
  { type: 'signal-sent', component: 'thread', step: 'server', signal: 'SIGTERM' },
  { type: 'service-told', component: 'thread', service: 'server', signal: 'SIGHUP' },
  { type: 'service-died', component: 'thread', service: 'server', exitCode: null, signal: 'SIGKILL' },
  { type: 'component-slow', component: 'thread', afterMs: 60_000, limitMs: 120_000 },
  {
    type: 'running',
    components: [{ component: 'thread', running: RUNNING, lastLines: ['thread says hello'] }],
  },
  found('thread', {
    code: 'timeout',
    step: 'thread',
    message: 'thread did not finish within 2m 00s and was stopped',
    evidence: ['thread says hello', 'and waits'],
    hint: 'raise it with --timeout, or `timeout` in the config, if it needs longer',
    limitMs: 120_000,
    running: RUNNING,
    stacks: [
      {
        pid: 4712,
        runtime: 'python',
        lines: ['Current thread 0x02 (most recent call first):', '  File "worker.py", line 2 in <module>'],
      },
    ],
  }),
  end('thread', 'failed', { durationMs: 120_050 }),
  finished('failed', 1, 120_100),
];

const planned = (of: string, fault: string, subject: string | null = null, isDemanded = true): RunEvent => ({
  type: 'trial-planned',
  component: `${of}~${fault}`,
  kind: of === 'http' ? 'http' : 'command',
  trial: { of, fault, subject, isDemanded },
});

const judged = (component: string, judgement: Judgement): RunEvent => ({
  type: 'trial-judged',
  component,
  judgement,
});

const ALL = { changed: 1204, of: 1204, unit: 'answer' };
const BLIND: Finding = {
  code: 'blind',
  fault: 'status-500',
  subject: null,
  message: 'every answer was 500 (1,204 of 1,204), and client passed',
  hint: 'have the client check the status',
};
const UNREACHED: Finding = {
  code: 'unproved',
  fault: 'wrong-result',
  subject: 'dumps',
  message: 'dumps was never called',
  hint: 'call it',
};
const DISTURBED: Finding = {
  code: 'instrument-disturbs',
  message: 'it passes as it is, but not with the instruments in place and no fault: init exited with code 1',
  evidence: ['port 8001 expected'],
  hint: 'see its log',
};

/** A proof with one of each outcome. */
export const PROOF: RunEvent[] = [
  started([
    { name: 'http', kind: 'http' },
    { name: 'init', kind: 'command' },
  ]),
  ...begin('http', 'http'),
  end('http', 'passed'),
  ...begin('init'),
  end('init', 'passed'),
  planned('http', 'control', null, false),
  ...begin('http~control', 'http'),
  end('http~control', 'passed'),
  planned('init', 'control', null, false),
  ...begin('init~control'),
  found('init~control', DISTURBED),
  end('init~control', 'inconclusive'),
  planned('http', 'status-500'),
  planned('http', 'truncated-body'),
  planned('http', 'server-dies'),
  planned('http', 'wrong-result', 'dumps', false),
  ...begin('http~status-500', 'http'),
  judged('http~status-500', { outcome: 'blind', noticer: null, reach: ALL, message: BLIND.message }),
  found('http~status-500', BLIND),
  end('http~status-500', 'failed'),
  ...begin('http~truncated-body', 'http'),
  judged('http~truncated-body', {
    outcome: 'proved',
    noticer: 'check',
    reach: ALL,
    message: 'client exited with code 1: JSONDecodeError',
  }),
  end('http~truncated-body', 'passed'),
  ...begin('http~server-dies', 'http'),
  judged('http~server-dies', {
    outcome: 'proved',
    noticer: 'shakedown',
    reach: ALL,
    message: 'server was killed by SIGKILL',
  }),
  end('http~server-dies', 'passed'),
  ...begin('http~wrong-result', 'http'),
  judged('http~wrong-result', {
    outcome: 'not-reached',
    noticer: null,
    reach: null,
    message: UNREACHED.message,
  }),
  found('http~wrong-result', UNREACHED),
  end('http~wrong-result', 'passed'),
  finished('failed', 1),
];

const NOT_TRIED = { code: 'not-tried', message: 'the budget was used up before its turn' } as const;

/** A proof whose budget was used up. */
export const CUT: RunEvent[] = [
  started([{ name: 'http', kind: 'http' }]),
  ...begin('http', 'http'),
  end('http', 'passed'),
  planned('http', 'reset'),
  planned('http', 'server-dies'),
  planned('http', 'slow', null, false),
  ...['reset', 'server-dies'].flatMap((fault) => [
    ...begin(`http~${fault}`, 'http'),
    found(`http~${fault}`, { ...NOT_TRIED, fault, subject: null }),
    end(`http~${fault}`, 'inconclusive'),
  ]),
  {
    type: 'component-skipped',
    component: 'http~slow',
    kind: 'http',
    reason: 'left out: the budget was used up',
  },
  finished('inconclusive', 3),
];

export const RUNS = { PASSED, FAILED, FLAKY, COMPARED, NOTHING_RAN, SETUP_FAILED, INTERRUPTED, STUCK };
