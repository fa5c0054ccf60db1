/** What runs before and after an attempt, with fakes in place of its processes. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import type { Command } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { runAround } from '../../../src/engine/around.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';
import { command } from '../plan/suites.ts';

const argv = (...words: [string, ...string[]]): Command => ({ type: 'argv', argv: words });
const WITHOUT: readonly Finding[] = [];

let attempt: FakeAttempt;
beforeEach(() => {
  attempt = new FakeAttempt();
});

/** Lets a command end as soon as it has been started. */
async function end(id: string, code: number): Promise<void> {
  (await attempt.processes.started(`try.1/${id}`)).finish(code);
}

const around = (
  more: { readonly before?: readonly Command[]; readonly after?: readonly Command[] },
  work: () => Promise<readonly Finding[]>,
) => runAround(command('try', { cwd: '/', ...more }), attempt.context, work);

describe('a bug of ours', () => {
  test('in the attempt does not keep what follows from running, and all is told', async () => {
    const found = around({ after: [argv('tidy')] }, async () => {
      throw new TypeError('x is not a function');
    });
    await end('after', 4);
    expect(await found).toMatchObject([
      { code: 'internal-error', message: expect.stringContaining('x is not a function') },
      { code: 'exit-code', step: 'after', message: 'after (tidy) exited with code 4 and printed nothing' },
    ]);
  });

  test('in one of those that follow does not keep the next from running', async () => {
    // A second owner of one name is a bug.
    attempt.processes.openOwner('try.1/after-1');
    const found = around({ after: [argv('one'), argv('two')] }, async () => WITHOUT);
    await end('after-2', 0);
    expect(await found).toMatchObject([{ code: 'internal-error' }]);
  });

  test('before the attempt keeps it from being made, and what follows still runs', async () => {
    attempt.processes.openOwner('try.1/before');
    let isMade = false;
    const found = around({ before: [argv('reset')], after: [argv('tidy')] }, async () => {
      isMade = true;
      return WITHOUT;
    });
    await end('after', 0);
    expect(await found).toMatchObject([{ code: 'internal-error' }]);
    expect(isMade).toBe(false);
  });
});

describe('whatever is said of a step names its command', () => {
  test('as a person would type it, a long one shortened', async () => {
    const found = around(
      { before: [argv('true'), argv('reset', 'x y', 'z'.repeat(200))] },
      async () => WITHOUT,
    );
    await end('before-1', 0);
    await end('before-2', 3);
    expect(await found).toMatchObject([
      {
        step: 'before-2',
        message: expect.stringMatching(/^before-2 \(reset 'x y' z+ … z+\) exited with code 3 /),
      },
    ]);
  });

  test('when it prints a traceback, leaves somebody behind, or runs into the time limit', async () => {
    const found = around({ before: [argv('one')], after: [argv('two'), argv('three')] }, async () => WITHOUT);
    const one = await attempt.processes.started('try.1/before');
    one.print('Traceback (most recent call last):\n  File "x", line 1\nKeyError: 7\n');
    one.finish(0);
    const two = await attempt.processes.started('try.1/after-1');
    attempt.processes.owner('try.1/after-1').left = [{ pid: 7, command: 'db', ageMs: 1 }];
    two.finish(0);
    await attempt.processes.started('try.1/after-2');
    attempt.snapshot = Promise.resolve({ running: [], stacks: [] });
    attempt.abort({ type: 'timeout', limit: ms(1000) });
    attempt.processes.time.pass(30_000);
    expect((await found).map(({ message }) => message)).toEqual([
      'before (one) printed a Python traceback, although it did not fail: KeyError: 7',
      'after-1 (two) has ended and left 1 process behind: db (pid 7)',
      'after-2 (three) did not finish within 30.00 s and was stopped',
    ]);
  });
});
