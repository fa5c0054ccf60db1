/** A part of an attempt has a time limit of its own, and what that has stopped says so. */
import { expect, test } from 'vitest';
import { runProgram } from '../../../src/consumer/run-tool.ts';
import { within } from '../../../src/consumer/time-limit.ts';
import { ms } from '../../../src/core/units.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';

const CALL = {
  step: 'install',
  failing: 'it cannot be installed',
  argv: ['pip'],
  cwd: '/',
  env: {},
} as const;

test('a program that hangs is ended at the limit, and told with what it said last; the attempt goes on', async () => {
  const attempt = new FakeAttempt();
  const stopped = within(ms(2000), attempt.context, (own) => runProgram(CALL, own));
  const pip = await attempt.processes.started('try.1/install');
  pip.print('Downloading it-1.0.whl\n');
  attempt.processes.time.pass(2000);
  expect(await stopped).toEqual({
    ok: false,
    error: {
      blame: 'stopped',
      message: 'it cannot be installed: it did not finish within 2.00 s',
      evidence: ['Downloading it-1.0.whl'],
    },
  });
  expect(attempt.context.signal.aborted).toBe(false);
});

test('the attempt can end it earlier, and its limit is over with it', async () => {
  const attempt = new FakeAttempt();
  const stopped = within(ms(2000), attempt.context, (own) => runProgram(CALL, own));
  await attempt.processes.started('try.1/install');
  attempt.abort({ type: 'interrupted', signal: 'SIGINT' });
  expect(await stopped).toMatchObject({
    error: { message: 'it cannot be installed: it was stopped before it finished' },
  });
  expect(attempt.processes.time.alarms).toBe(0);
});
