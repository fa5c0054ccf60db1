/** What has been proved is known as long as nothing has changed that a check can see. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Component, type Environment, PROVE_BY_DEFAULT } from '../../../src/core/suite.ts';
import type { PreparedRun } from '../../../src/engine/course.ts';
import { Memory } from '../../../src/prove/memory.ts';

const root = mkdtempSync(join(tmpdir(), 'memory-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
writeFileSync(join(root, 'check.sh'), 'test "$STRICT" != yes || exit 1\n');

const COMPONENT = {
  ...{ name: 'check', kind: 'command', cwd: root, env: {}, uses: [], prove: PROVE_BY_DEFAULT },
  command: { type: 'argv', argv: ['sh', 'check.sh'] },
} as unknown as Component;

async function memoryIn(env: Environment): Promise<Memory> {
  const plan = { root, seed: 1, memory: 'off', env: {}, shared: [], components: [{ component: COMPONENT }] };
  const memory = new Memory({ run: { plan, version: '0.1.0' }, env } as unknown as PreparedRun);
  await memory.look();
  return memory;
}

const SHOWN = {
  name: { of: 'check', fault: 'raises', subject: 'f', isDemanded: true },
  judgement: { outcome: 'proved', noticer: 'check', reach: null, message: 'exited with code 1' },
  advice: '',
} as const;

test('a proof in one environment is none in another', async () => {
  const strict = { PATH: '/bin', STRICT: 'yes' };
  const memory = await memoryIn(strict);
  memory.add(COMPONENT, SHOWN);
  await memory.keep([COMPONENT]);
  expect((await memoryIn(strict)).recall(COMPONENT)).toEqual([SHOWN]);
  expect((await memoryIn({ ...strict, SHLVL: '3' })).recall(COMPONENT)).toEqual([SHOWN]);
  expect((await memoryIn({ PATH: '/bin' })).recall(COMPONENT)).toBeUndefined();
});
