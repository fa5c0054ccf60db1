import { delimiter } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/core/plan.ts';
import { ms } from '../../../src/core/units.ts';
import { baseEnvironment } from '../../../src/engine/environment.ts';

const plan = (over: Partial<Plan>): Plan => ({
  version: 1,
  suite: 'integration',
  root: '/srv/app',
  source: { type: 'convention', dir: '/srv/app/integration' },
  memory: 'off',
  env: {},
  path: [],
  setup: [],
  teardown: [],
  shared: [],
  components: [],
  skipped: [],
  jobs: 1,
  keepGoing: false,
  repeat: 1,
  seed: 1,
  keepRuns: 10,
  interruptGrace: ms(5000),
  ...over,
});

describe('the environment of every child', () => {
  test('is ours, then the plan’s, then what the setup exported: the later wins', () => {
    const inherited = { PATH: '/bin', A: 'ours', B: 'ours', C: 'ours', GONE: undefined };
    const env = baseEnvironment(plan({ env: { B: 'plan', C: 'plan' } }), inherited, {
      C: 'setup',
      D: 'setup',
    });
    expect(env).toEqual({
      PYTHONFAULTHANDLER: '1',
      PATH: '/bin',
      A: 'ours',
      B: 'plan',
      C: 'setup',
      D: 'setup',
    });
  });

  test('has the folders of the plan first on its PATH', () => {
    const path = ['/srv/app/node_modules/.bin', '/srv/node_modules/.bin'];
    expect(baseEnvironment(plan({ path }), { PATH: '/usr/bin' }, {}).PATH).toBe(
      [...path, '/usr/bin'].join(delimiter),
    );
  });

  test('has Python say where it crashed, unless somebody has decided about that', () => {
    expect(baseEnvironment(plan({}), {}, {}).PYTHONFAULTHANDLER).toBe('1');
    expect(baseEnvironment(plan({}), { PYTHONFAULTHANDLER: '' }, {}).PYTHONFAULTHANDLER).toBe('');
  });

  test('has a PATH where we have none', () => {
    expect(baseEnvironment(plan({}), {}, {}).PATH?.split(delimiter)).toContain('/usr/bin');
  });
});
