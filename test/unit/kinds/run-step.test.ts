/** A command that a component runs to its end, with a fake in place of its processes. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { EXPECT_ANYTHING, EXPECT_SUCCESS } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { holdStep, runStep, type Step } from '../../../src/kinds/common/run-step.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';
import type { FakeCommand } from '../../rig/fake-processes.ts';

const STEP: Step = {
  name: 'work',
  command: { type: 'argv', argv: ['./work'] },
  cwd: '/',
  env: {},
  expect: EXPECT_SUCCESS,
};
const OWNER = 'try.1/work';
const SENT = { type: 'signal-sent', component: 'try', step: 'work', signal: 'SIGTERM' };
const helper = { pid: 7, command: 'helper', ageMs: 1 };
const daemon = { pid: 8, command: 'daemon', ageMs: 1 };

let attempt: FakeAttempt;
let found: Promise<Finding[]>;
let work: FakeCommand;
beforeEach(async () => {
  attempt = new FakeAttempt();
});

async function start(): Promise<void> {
  found = runStep(STEP, attempt.context);
  work = await attempt.processes.started(OWNER);
}

test('one whose tests failed long before its end is told by the test', async () => {
  const output = resolve(import.meta.dirname, '../../fixtures/tap/node-test-many.txt');
  await start();
  work.print(readFileSync(output, 'utf8'));
  work.finish(1);
  const [finding] = await found;
  expect(finding?.message).toMatch(/^work exited with code 1: not ok 1 - all of them/);
  expect(finding?.evidence).toContain("      error: '2 == 3'");
});

const ending = () => attempt.processes.owner(OWNER).ending;

test('one that ends well has nothing to tell but that it has ended, after how long', async () => {
  await start();
  work.print('one\ntwo\n');
  attempt.processes.time.pass(1234);
  work.finish(0);
  expect(await found).toEqual([]);
  expect(attempt.events).toEqual([
    {
      type: 'step-finished',
      component: 'try',
      step: 'work',
      command: './work',
      exitCode: 0,
      signal: null,
      durationMs: 1234,
      lines: 2,
    },
  ]);
  expect(ending()).toBe('released');
});

test('the time for which the run was stopped (Ctrl-Z) is not a part of how long it took', async () => {
  await start();
  attempt.processes.time.pass(100);
  attempt.processes.clock.suspend();
  attempt.processes.time.pass(60_000);
  attempt.processes.clock.resume();
  attempt.processes.time.pass(11);
  work.finish(0);
  await found;
  expect(attempt.events).toMatchObject([{ durationMs: 111 }]);
});

test('another exit code than expected is told with the words that it ended with', async () => {
  await start();
  work.print('Error: no database\n');
  work.finish(3);
  expect(await found).toMatchObject([
    { code: 'exit-code', message: 'work exited with code 3: Error: no database', exitCode: 3 },
  ]);
});

test('of a test of TAP its block is shown, which stands far above the end', async () => {
  await start();
  const block = ['not ok 2 - it answers', '  ---', '  error: |-', '    500 !== 200', '  ...'];
  const end = Array.from({ length: 30 }, (_, index) => `# a count: ${index}`);
  work.print(`${['TAP version 13', 'ok 1 - it starts', ...block, '1..2', ...end].join('\n')}\n`);
  work.finish(1);
  expect((await found)[0]?.evidence).toEqual(block);
});

describe('at its time limit', () => {
  test('its evidence begins with the first error, however much came after it', async () => {
    await start();
    attempt.snapshot = Promise.resolve(snapshot);
    work.print(`connecting\nError: no route to the database\n${'retrying\n'.repeat(50)}`);
    attempt.abort({ type: 'timeout', limit: ms(2000) });
    const [finding] = await found;
    expect(finding?.evidence?.slice(0, 2)).toEqual(['Error: no route to the database', 'retrying']);
    expect(finding?.evidence).toContain('…');
  });

  const snapshot = { running: [], stacks: [{ pid: 1, runtime: 'python' as const, lines: ['here'] }] };

  test('nothing is ended before it is known where all stood, and what was printed last is told', async () => {
    await start();
    let tell = (): void => {};
    attempt.snapshot = new Promise((resolve) => {
      tell = () => resolve(snapshot);
    });
    work.print('busy\n');
    attempt.abort({ type: 'timeout', limit: ms(2000) });
    await attempt.processes.started(OWNER);
    expect(ending()).toBeUndefined();
    tell();
    expect(await found).toMatchObject([
      {
        code: 'timeout',
        message: /did not finish within 2.00 s/,
        evidence: ['busy'],
        limitMs: 2000,
        ...snapshot,
      },
    ]);
    expect(ending()).toMatchObject({ grace: 5000 });
  });

  test('what the runtime says while it is asked is no time of the command', async () => {
    await start();
    let tell = (): void => {};
    attempt.snapshot = new Promise((resolve) => {
      tell = () => resolve(snapshot);
    });
    attempt.processes.time.pass(2000);
    attempt.abort({ type: 'timeout', limit: ms(2000) });
    await attempt.processes.started(OWNER);
    attempt.processes.time.pass(900);
    tell();
    await found;
    expect(attempt.events).toMatchObject([SENT, { durationMs: 2000, signal: 'SIGTERM' }]);
  });
});

test.for([
  { type: 'interrupted', signal: 'SIGINT' },
  { type: 'obsolete', because: 'the server died' },
  { type: 'crashed', message: 'a bug' },
] as const)('ended before its time ($type): who ended it tells why', async (reason) => {
  await start();
  // The limit of all may have been reached since.
  attempt.snapshot = Promise.resolve({ running: [], stacks: [] });
  attempt.abort(reason);
  expect(await found).toEqual([]);
  expect(ending()).toMatchObject({ grace: 5000 });
  expect(attempt.events).toMatchObject([SENT, { type: 'step-finished', signal: 'SIGTERM' }]);
});

describe('what it leaves behind', () => {
  const leave = async (parts: object): Promise<Finding[]> => {
    await start();
    Object.assign(attempt.processes.owner(OWNER), parts);
    work.finish(0);
    return found;
  };

  test('is ended, and told', async () => {
    expect(await leave({ left: [helper, daemon] })).toMatchObject([
      { code: 'leaked-process', processes: [daemon] },
    ]);
    expect(ending()).toMatchObject({ grace: 5000 });
  });

  test('is ended without a word where it is allowed', async () => {
    expect(await leave({ left: [helper] })).toEqual([]);
    expect(ending()).toMatchObject({ grace: 5000 });
  });

  test('and cannot be ended, is not told to have been', async () => {
    const survivors = [{ ...daemon, obstacle: 'stuck' }];
    const findings = await leave({ left: [daemon], survivors });
    expect(findings).toMatchObject([{ code: 'leaked-process', message: /could not be stopped/ }]);
  });
});

test('one that cannot be started leaves an owner that has ended, and no word of its end', async () => {
  const failure = { message: 'there is no ./work', hint: 'make it', missing: './work' };
  attempt.processes.refusals.set(OWNER, failure);
  expect(await runStep(STEP, attempt.context)).toMatchObject([
    { code: 'missing-program', message: failure.message, program: './work' },
  ]);
  expect(attempt.processes.open).toEqual([]);
  expect(attempt.events).toEqual([]);
});

describe('ahead of its time', () => {
  test('it is told of to nobody until it is taken, and then runs as any other', async () => {
    attempt.processes.holds = true;
    const told: string[] = [];
    const context = { ...attempt.context, onOwner: ({ step }: { step: string }) => told.push(step) };
    const held = await holdStep(STEP, context);
    expect(told).toEqual([]);
    attempt.processes.time.pass(5000);
    found = runStep(STEP, context, held);
    work = await attempt.processes.started(OWNER);
    expect(told).toEqual(['work']);
    attempt.processes.time.pass(10);
    work.finish(0);
    expect(await found).toEqual([]);
    expect(attempt.events).toMatchObject([{ durationMs: 10 }]);
    expect(attempt.processes.owners.size).toBe(1);
  });

  test('it is dropped as if it had never been', async () => {
    attempt.processes.holds = true;
    await (await holdStep(STEP, attempt.context))?.drop();
    expect(attempt.processes.open).toEqual([]);
    expect(attempt.processes.owner(OWNER).commands).toEqual([]);
  });

  test('what cannot be held is ended, and started in its time', async () => {
    expect(await holdStep(STEP, attempt.context)).toBeUndefined();
    expect(attempt.processes.open).toEqual([]);
  });
});

describe('tests of Go that were only told of again', () => {
  const again = 'ok  \texample.com/parcels\t(cached)\n';

  test('are a note, with what makes them run', async () => {
    await start();
    work.print(`${again}ok  \texample.com/parcels/e2e\t(cached)\tcoverage: 10% of statements\n`);
    work.finish(0);
    expect(await found).toMatchObject([
      {
        code: 'cached-tests',
        message: 'work ran no test of Go anew: ok   example.com/parcels (cached)',
        hint: expect.stringContaining('go test -count=1'),
      },
    ]);
  });

  test.each([
    ['others ran', `${again}ok  \texample.com/parcels/e2e\t0.012s\n`],
    ['somebody only speaks of them', '(cached)\nok (cached)\n'],
  ])('are none where %s', async (_, output) => {
    await start();
    work.print(output);
    work.finish(0);
    expect(await found).toEqual([]);
  });
});

describe('what is advised', () => {
  const adviceTo = async (over: Partial<FakeAttempt['context']>): Promise<string | undefined> => {
    found = runStep(STEP, { ...attempt.context, ...over });
    work = await attempt.processes.started(OWNER);
    attempt.processes.owner(OWNER).left = [daemon];
    work.finish(0);
    return (await found)[0]?.hint;
  };

  test.each([
    ['of a component of a config', { source: 'config' }, /leave: \["daemon"\] in the config$/],
    [
      'of scripts without one',
      { source: 'convention' },
      /leave: \["daemon"\] in a config, which `shakedown new` /,
    ],
    ['of what may leave nothing', { source: 'config', leave: null }, /wait for, what it starts$/],
  ] as const)('of a process that is left %s', async (_, over, hint) => {
    expect(await adviceTo(over)).toMatch(hint);
  });

  test.each([
    ['config', 'raise it with --timeout, or `timeout` in the config, if it needs longer'],
    ['convention', 'raise it with --timeout if it needs longer'],
  ] as const)('at the time limit, in a run of a %s', async (source, hint) => {
    found = runStep(STEP, { ...attempt.context, source });
    work = await attempt.processes.started(OWNER);
    attempt.snapshot = Promise.resolve({ running: [], stacks: [] });
    attempt.abort({ type: 'timeout', limit: ms(2000) });
    expect((await found)[0]?.hint).toBe(hint);
  });
});

test('of what is judged by something else neither the exit code nor the output is a finding', async () => {
  found = runStep({ ...STEP, expect: EXPECT_ANYTHING }, attempt.context);
  work = await attempt.processes.started(OWNER);
  work.print('Traceback (most recent call last):\nValueError: no\n');
  work.finish(255);
  expect(await found).toEqual([]);
});
