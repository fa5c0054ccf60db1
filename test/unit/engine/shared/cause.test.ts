/** Which of several services that have died is blamed. */
import { expect, test } from 'vitest';
import type { Finding } from '../../../../src/core/finding.ts';
import { type Broken, causeOf } from '../../../../src/engine/shared/pool.ts';

const finding = (step: string): Finding => ({
  code: 'not-ready',
  step,
  message: `${step} died`,
  waitedMs: 1,
});

/** A service that has died or has not, and what it needs. */
const service = (name: string, needs: readonly string[], died: boolean) => ({
  instance: {
    spec: { name, needs },
    broken: died ? Promise.resolve(finding(name)) : new Promise<Finding>(() => {}),
    ended: Promise.resolve(),
  },
  ready: { hasDied: async (patience: number) => died && patience > 0 },
});
const broken = (name: string): Broken => ({ name, finding: finding(name), ended: Promise.resolve() });

test.each([
  ['the database, which took the API along', true, true, 'db'],
  ['the one that others were taken along by', true, false, 'cache'],
  ['the API, which died alone', false, false, 'api'],
])('blamed is %s', async (_, cache, db, blamed) => {
  const all = [
    service('other', [], true),
    service('db', [], db),
    service('cache', ['db'], cache),
    service('api', ['cache'], true),
  ];
  expect((await causeOf(broken('api'), all, 1)).name).toBe(blamed);
});
