import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';

test('a component passes when its command does', async () => {
  await using rig = await Rig.create();
  const thread = rig.command();
  rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
  const run = rig.start([]);
  const invocation = await thread.invocation();
  await invocation.print('hello\n');
  await invocation.exit(0);
  const { code, stdout } = await run.exit();
  expect(stdout).toContain('PASSED  1 passed');
  expect(code).toBe(0);
  expect(rig.read('.shakedown/latest/logs/thread.log')).toContain('hello');
});

test('a daemon that a command leaves behind is ended and fails the component', async () => {
  await using rig = await Rig.create();
  const thread = rig.command();
  const daemon = rig.command();
  rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
  const run = rig.start([]);
  const invocation = await thread.invocation();
  await invocation.daemon(daemon);
  const left = await daemon.invocation();
  await invocation.exit(0);
  const { code, stdout } = await run.exit();
  expect(stdout).toContain(`pid ${left.pid}`);
  expect(code).toBe(1);
  expect(rig.alive()).toEqual([]);
});
