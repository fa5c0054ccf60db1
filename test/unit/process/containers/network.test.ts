/** The network of a run: made once, for whoever asks for it, and never without a note of how it is removed. */
import { expect, test } from 'vitest';

import { type ContainerSpec, showCommand } from '../../../../src/core/suite.ts';
import { withNetwork } from '../../../../src/process/containers/network.ts';

const SPEC = { network: 'suite', options: ['--memory', '1g'] } as unknown as ContainerSpec;

function stage(complaint = '') {
  const deeds: string[] = [];
  const engine = {
    ...{ name: 'docker' as const, program: '/bin/docker', env: {} },
    ask: async (args: readonly string[]) => {
      deeds.push(`${args[0]} ${args[1]} ${args.at(-1)}`);
      return { code: complaint === '' ? 0 : 1, out: '', complaint, isLate: false };
    },
  };
  const runner = { run: 'r', pid: 1, startTicks: 1, boot: 'b', machine: 'm', pidNamespace: 'p', group: null };
  const directory = { run: 'r', runner, path: '/runs/r' } as unknown as Parameters<
    typeof withNetwork
  >[3]['directory'];
  const undos: Parameters<typeof withNetwork>[3]['undos'] = {
    register: ({ title, command }) => {
      deeds.push(`${title}: ${showCommand(command)}`);
      return { learn: () => {}, done: () => {}, carryOut: async () => true };
    },
  };
  return {
    deeds,
    join: (name: string, spec = SPEC) => withNetwork(name, spec, engine, { directory, undos }),
  };
}

test('it is made once, and containers have their names in it', async () => {
  const { deeds, join } = stage();
  const [db, api] = await Promise.all([join('db'), join('api')]);
  expect(db).toEqual({
    ok: true,
    value: { network: 'shakedown-r', options: ['--network-alias', 'db', '--memory', '1g'] },
  });
  expect(api).toMatchObject({ ok: true, value: { network: 'shakedown-r' } });
  expect(deeds).toEqual([
    "removal of the network of the containers: '/bin/docker' network rm shakedown-r || ! '/bin/docker' network inspect shakedown-r >/dev/null 2>&1",
    'network create shakedown-r',
  ]);
});

test('others have none of it', async () => {
  const { deeds, join } = stage();
  const other = { ...SPEC, network: 'mine' };
  expect(await join('db', other)).toEqual({ ok: true, value: other });
  expect(deeds).toEqual([]);
});

test('one that cannot be made is told to each', async () => {
  const { join } = stage('operation not permitted');
  for (const step of ['db', 'api'])
    expect(await join(step)).toMatchObject({
      ok: false,
      error: { code: 'cannot-start', step, message: expect.stringMatching(/: operation not permitted$/) },
    });
});
