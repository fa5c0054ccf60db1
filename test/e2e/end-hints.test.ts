/** A service that has ended well without having been asked to: the report says what it takes for it to stay. */
import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { componentOf, findingOf, JSON_REPORT } from '../rig/services.ts';

test('it had done its work, its input had ended, it runs on in the background, or its line ends are those of Windows', async () => {
  await using rig = await Rig.create();
  rig.write('windows', '#!/bin/sh\r\nexec sleep 60\r\n', 0o755);
  const servers = {
    work: { run: 'echo migrated > done.txt', ready: { log: 'never' } },
    input: { run: 'cat; echo the input has ended', ready: { log: 'never' } },
    used: { run: 'echo up; cat', ready: { log: 'up' } },
    background: { run: 'sleep 60 & echo up', ready: { log: 'never' } },
    windows: { run: './windows --serve', ready: { log: 'never' } },
  };
  const components = Object.entries(servers).map(([name, server]) => [
    name,
    { kind: 'http', server, client: 'sleep 60' },
  ]);
  rig.config({ components: Object.fromEntries(components) });
  const { code } = await rig.run(['--jobs', '2', '--keep-going', ...JSON_REPORT]);
  expect(code).toBe(1);
  const report = rig.report();
  const hints = Object.keys(servers).map((name) => {
    const component = componentOf(report, name);
    const code = component.findings[0]?.code === 'service-died' ? 'service-died' : 'not-ready';
    return [name, findingOf(component, code).hint];
  });
  const input = expect.stringMatching(/^it exits when its input ends.* with stdin: 'open'$/);
  expect(Object.fromEntries(hints)).toEqual({
    work: expect.stringMatching(
      /this command has done its work and exited: make it a task of the suite.* task\(\{ run: /,
    ),
    input,
    used: input,
    background: expect.stringMatching(
      /^what it started is still running: sleep 60 \(pid \d+\); .* daemon: true$/,
    ),
    windows: expect.stringContaining('./windows has Windows line endings'),
  });
});
