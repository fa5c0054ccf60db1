/** What is said of a server that was told to stop, or to restart. */
import { describe, expect, test } from 'vitest';
import { Clock } from '../../../../src/core/clock.ts';
import type { RunEvent } from '../../../../src/core/event.ts';
import type { DepartureClocks, LoadDeparture } from '../../../../src/core/load-departure.ts';
import { ms } from '../../../../src/core/units.ts';
import type { Drain } from '../../../../src/kinds/http/component.ts';
import type { Conduct, DrainFacts } from '../../../../src/kinds/http/conduct.ts';
import { DrainTest } from '../../../../src/kinds/http/drain.ts';
import { judgeDrain } from '../../../../src/kinds/http/drain-judge.ts';
import { drainLines } from '../../../../src/kinds/http/drain-text.ts';
import { planFor } from '../../load/plans.ts';

const STOP: Drain = {
  ...{ after: ms(3000), signal: 'SIGTERM', within: ms(10_000) },
  ...{ isRestart: false, exitCode: 0 },
};
const RESTART: Drain = { ...STOP, signal: 'SIGHUP', isRestart: true };

const DEPARTURE: LoadDeparture = {
  ...{ inFlight: 8, answered: 1234, lost: 0, lostByTime: 0, examples: [] },
  ...{ toldMs: 3000, refused: 8, crossed: 0, unaccepted: 0, lastConnectedMs: null, lastAnsweredMs: 40 },
  idle: { opened: 4, kept: 0, closedMs: 12 },
};

const exits = (code: number | null, signal: NodeJS.Signals | null = null): Partial<Conduct> => ({
  exit: { exit: { code, signal }, atMs: 60 },
});

const worker = (pid: number) => ({ pid, parent: 1, startTicks: pid, group: 1, session: 1, state: 'S' });

function factsOf(
  drain: Drain,
  conduct: Partial<Conduct> = {},
  departure: Partial<LoadDeparture> = {},
): DrainFacts {
  const well: Conduct = {
    ...{ told: 'server (pid 7)', afterMs: 3000, doneMs: 70, old: [], fresh: [] },
    ...exits(0),
  } as Conduct;
  return {
    ...{ drain, server: 'server' },
    conduct: { ...well, ...conduct },
    departure: { ...DEPARTURE, ...departure },
  };
}

const codes = (facts: DrainFacts): string[] => judgeDrain(facts, drainLines(facts)).map(({ code }) => code);

test.each<[string, Drain, Partial<Conduct>, Partial<LoadDeparture>, string[]]>([
  ['all is well', STOP, {}, {}, []],
  ['it fails in the end', STOP, exits(1), {}, ['exit-code']],
  ['it dies of the signal', STOP, exits(null, 'SIGTERM'), {}, ['exit-code']],
  ['it dies of the signal, as it may', { ...STOP, exitCode: 143 }, exits(null, 'SIGTERM'), {}, []],
  ['a shell says so', { ...STOP, exitCode: 143 }, exits(143), {}, []],
  ['it should have died', { ...STOP, exitCode: 143 }, exits(0), {}, ['exit-code']],
  ['it is a daemon', STOP, { exit: null }, {}, []],
  ['it stays', STOP, { exit: null, doneMs: null }, {}, ['not-drained']],
  [
    'it stays with connections',
    STOP,
    { exit: null, doneMs: null },
    { idle: { opened: 4, kept: 2, closedMs: null } },
    ['not-drained', 'connection-kept'],
  ],
  ['it had nothing to do', STOP, {}, { inFlight: 0 }, ['drain-unproven']],
  ['some have crossed', STOP, {}, { crossed: 3, unaccepted: 1 }, ['request-crossed', 'backlog-reset']],
  ['it was restarted', RESTART, { exit: null, fresh: [worker(9)] }, {}, []],
  [
    'of the old ones one stays',
    RESTART,
    { exit: null, doneMs: null, old: [worker(8)], fresh: [worker(9)] },
    {},
    ['not-drained'],
  ],
  ['nothing happens', RESTART, { exit: null, doneMs: null, old: [worker(8)] }, {}, ['not-restarted']],
  ['it is one process', RESTART, { exit: null, doneMs: null }, {}, ['not-restarted']],
])('%s', (_, drain, conduct, departure, expected) => {
  expect(codes(factsOf(drain, conduct, departure))).toEqual(expected);
});

describe('lost requests', () => {
  const lost = Array.from({ length: 12 }, (_, index) => ({
    message: 'GET /slow was cut off',
    sentMs: index - 4.5,
    lostMs: index + 20.25,
  }));
  const facts = factsOf(STOP, {}, { lost: 14, examples: lost });

  test('stand in the timeline, each at its place', () => {
    expect(drainLines(facts)).toEqual([
      '',
      '  SIGTERM to server (pid 7) after 3.00 s of load, 8 requests in flight',
      '    +12.0 ms  4 idle connections closed, or told',
      ...lost.slice(0, 10).map(({ sentMs }, index) => {
        const sent = `${sentMs < 0 ? '−' : '+'}${Math.abs(sentMs).toFixed(1)} ms`;
        return `    +${(index + 20.25).toFixed(1)} ms  lost: GET /slow was cut off (sent at ${sent})`;
      }),
      '    +40.0 ms  last answer, of 1,234 after the signal',
      '    +60.0 ms  server exited with code 0',
      '    +70.0 ms  nothing of it is left',
      '              and 4 more lost requests',
      '              not lost: 8 refused',
    ]);
  });

  test('are told first, with the timeline', () => {
    const [first] = judgeDrain(facts, drainLines(facts));
    expect(first).toMatchObject({
      code: 'request-lost',
      count: 14,
      message:
        '14 requests to server that it had accepted were lost; the first 20 ms after SIGTERM: GET /slow was cut off',
    });
    expect(first?.evidence?.[0]).toBe('SIGTERM to server (pid 7) after 3.00 s of load, 8 requests in flight');
  });

  test('of a restart are all that failed', () => {
    const one = factsOf(RESTART, { exit: null }, { lost: 1, examples: lost.slice(0, 1) });
    expect(judgeDrain(one, [])[0]?.message).toMatch(
      /^1 request to server failed while it restarted; the first/,
    );
  });
});

describe('where several machines sent', () => {
  const CLOCKS: DepartureClocks = { withinMs: 11.5, refusedEarlyMs: null, crossedEarlyMs: null, doubts: [] };
  const seen = (clocks: Partial<DepartureClocks>, more: Partial<LoadDeparture> = {}) => {
    const facts = factsOf(STOP, {}, { clocks: { ...CLOCKS, ...clocks }, ...more });
    return judgeDrain(facts, drainLines(facts)).map(({ code, message }) => `${code}: ${message}`);
  };

  test('nothing is held against a server that did nothing too early', () => {
    expect(seen({})).toEqual([]);
    const lines = drainLines(factsOf(STOP, {}, { toldMs: 3150, clocks: CLOCKS }));
    expect(lines).toEqual(
      expect.arrayContaining([
        '  SIGTERM to server (pid 7) after 3.15 s of load, 8 requests in flight',
        '    +40.0 ms  last answer, of 1,234 since the appointed time',
      ]),
    );
    expect(lines.at(-1)).toBe('              by clocks that agree to 12 ms');
  });

  test('what it did before the signal is no part of its end', () => {
    expect(seen({ refusedEarlyMs: -30.4, crossedEarlyMs: -7.7 })).toEqual([
      'request-failed: server refused connections, the first 30 ms before SIGTERM, which it had not got yet',
      'request-failed: server reset connections, the first 8 ms before SIGTERM, which it had not got yet',
    ]);
  });

  test('what cannot be told is said, beside what can', () => {
    const doubts = ['whether a connection was refused before the signal'];
    const unproven = 'drain-unproven: it cannot be told whether a connection was refused before the signal';
    expect(seen({ doubts })).toEqual([unproven]);
    expect(seen({ doubts }, { inFlight: 0 })).toEqual([unproven, expect.stringMatching(/no request was in/)]);
  });

  test('lost requests are told without an example, where there is none', () => {
    expect(seen({}, { lost: 2, examples: [] })).toEqual([
      'request-lost: 2 requests to server that it had accepted were lost',
    ]);
    const [early] = seen({}, { lost: 1, examples: [{ message: 'GET / failed', sentMs: -20, lostMs: -8 }] });
    expect(early).toContain('was lost; the first 8 ms before SIGTERM: GET / failed');
  });
});

test.each<[string, Partial<Conduct>, string]>([
  ['of the signal', exits(null, 'SIGTERM'), 'server was killed by SIGTERM, expected exit code 0'],
  ['of another', exits(null, 'SIGUSR2'), 'server was killed by SIGUSR2 after SIGTERM, expected exit code 0'],
  ['with a code', exits(143), 'server exited with code 143 after SIGTERM, expected exit code 0'],
])('an end %s is named once', (_, conduct, message) => {
  const [first] = judgeDrain(factsOf(STOP, conduct), []);
  expect(first?.message).toBe(message);
});

test.each<[string, number, boolean]>([
  ['of the signal', 129, true],
  ['of something else', 1, false],
])('a server that dies when it is to restart, %s', async (_, code, isOfSignal) => {
  let die: (death: unknown) => void = () => undefined;
  const died = new Promise((resolve) => {
    die = resolve;
  });
  const service = {
    ...{ spec: { name: 'server', daemon: false }, port: null, members: () => [], died },
    tell: () => {
      die({ exit: { code, signal: null }, afterReadyMs: 20 });
      return worker(7);
    },
    explainDeath: async () => ({ code: 'service-died', message: 'server ended', evidence: ['Hangup'] }),
  };
  const drain = { ...RESTART, after: ms(0) };
  const events: RunEvent[] = [];
  const drained = new DrainTest(drain, service as never, {
    ...{ clock: new Clock(), signal: new AbortController().signal },
    ...{ component: 'http', emit: (event) => void events.push(event) },
  });
  await new Promise<void>((end) => {
    drained.start({ leave: async () => undefined, end } as never, { warmup: 0 } as never);
  });
  const { findings } = await drained.conclude({} as never);
  expect(events).toEqual([{ type: 'service-told', component: 'http', service: 'server', signal: 'SIGHUP' }]);
  expect(findings).toMatchObject([
    {
      code: 'service-died',
      message: `server exited with code ${code} when it got SIGHUP, which was to restart it`,
      evidence: ['Hangup'],
    },
  ]);
  expect(findings[0]?.hint?.startsWith('it does not handle SIGHUP: name the signal')).toBe(
    isOfSignal ? true : undefined,
  );
});

describe('of a load from agents', () => {
  const circumstances = (signal = new AbortController().signal) => ({
    ...{ clock: new Clock(), signal, component: 'http', emit: () => {} },
  });

  test('the plan says when the server may be told, so that nobody has to tell them', () => {
    const drain = new DrainTest({ ...STOP, after: ms(500) }, {} as never, circumstances());
    const plan = planFor('http://127.0.0.1:1/', { warmup: ms(2000) });
    expect(drain.planOf(plan, true)).toMatchObject({ departure: 'stop', departureDueMs: 2500 });
    expect(drain.planOf(plan)).not.toHaveProperty('departureDueMs');
  });

  test('what they saw may never be known', async () => {
    const service = {
      ...{ spec: { name: 'server', daemon: true }, died: new Promise(() => {}), tell: () => worker(7) },
      untilEnded: async () => false,
    };
    const drain = new DrainTest({ ...STOP, after: ms(0) }, service as never, circumstances());
    await new Promise<void>((end) => {
      drain.start({ leave: async () => 0, end } as never, planFor('http://127.0.0.1:1/'));
    });
    expect(await drain.conclude({} as never)).toMatchObject({
      lines: [],
      findings: [{ code: 'drain-unproven', message: expect.stringContaining('is not known') }],
    });
  });
});
