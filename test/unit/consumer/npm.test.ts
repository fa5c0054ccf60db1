/** npm as a command like any other, with a fake in place of its process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { ConsumerFailure } from '../../../src/consumer/failure.ts';
import { runNpm } from '../../../src/consumer/npm.ts';
import type { Result } from '../../../src/core/result.ts';
import { ms } from '../../../src/core/units.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';
import type { FakeCommand } from '../../rig/fake-processes.ts';

const OWNER = 'try.1/fetch';

let attempt: FakeAttempt;
let done: Promise<Result<readonly string[], ConsumerFailure>>;
let npm: FakeCommand;
beforeEach(async () => {
  const bin = mkdtempSync(join(tmpdir(), 'npm-'));
  onTestFinished(() => rmSync(bin, { recursive: true }));
  writeFileSync(join(bin, 'npm'), '', { mode: 0o755 });
  attempt = new FakeAttempt();
  const context = { ...attempt.context, env: { PATH: bin, npm_config_global: 'true' } };
  const call = {
    step: 'fetch',
    failing: 'left-pad@1 cannot be fetched',
    args: ['pack', 'left-pad@1'],
    cwd: '/',
  };
  done = runNpm(call, context);
  npm = await attempt.processes.started(OWNER);
});

test('what it printed last is returned when it has ended well, and whatever it left is ended', async () => {
  expect(npm.command).toMatch(/\/npm pack left-pad@1$/);
  expect(npm.options.env).not.toHaveProperty('npm_config_global');
  npm.print('one\ntwo\n');
  npm.finish(0);
  expect(await done).toEqual({ ok: true, value: ['one', 'two'] });
  expect(attempt.processes.owner(OWNER).ending).toMatchObject({ grace: 5000 });
});

test('by whose doing it failed is told by its own code', async () => {
  npm.print('npm error code E404\n');
  npm.finish(1);
  expect(await done).toMatchObject({
    ok: false,
    error: { blame: 'spec', message: /there is no such package/ },
  });
});

test('at the time limit nothing is ended before it is known where all stood', async () => {
  let tell = (): void => {};
  attempt.snapshot = new Promise((resolve) => {
    tell = () => resolve(undefined);
  });
  attempt.abort({ type: 'timeout', limit: ms(1000) });
  await attempt.processes.started(OWNER);
  expect(attempt.processes.owner(OWNER).ending).toBeUndefined();
  tell();
  expect(await done).toMatchObject({ ok: false, error: { blame: 'stopped' } });
});
