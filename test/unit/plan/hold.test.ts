/** What `shakedown up` holds: which services, in which order, and what is wrong with a selection. */
import { describe, expect, test } from 'vitest';
import { EXPECT_SUCCESS, type Shared } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { planHold } from '../../../src/plan/hold.ts';
import { command, http, service, suite } from './suites.ts';

const shared = (name: string, needs: string[] = [], fresh = false): Shared => ({
  ...{ type: 'service', name, needs, fresh },
  service: service(name, 0),
});
const task = (name: string, needs: string[] = []): Shared => ({
  ...{ type: 'task', name, needs, fresh: false, expect: EXPECT_SUCCESS, isCached: false },
  step: {
    ...{ name, command: { type: 'shell', line: 'true' }, cwd: '/srv/app', env: {}, inputs: [], outputs: [] },
    timeout: ms(1000),
    undo: null,
  },
});

const SHARED = [shared('db'), task('migrate', ['db']), task('seed', ['db']), shared('api', ['migrate'])];
const COMPONENTS = [
  command('smoke', { uses: ['api'] }),
  command('lint'),
  http('web', [0], { uses: ['db'], env: { MODE: 'test' } }),
];
const all = suite(COMPONENTS, { shared: SHARED });

function held(names: readonly string[], of = all) {
  const plan = planHold(of, names);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  return plan.value;
}
const refused = (names: readonly string[], of = all) => {
  const plan = planHold(of, names);
  return plan.ok ? [] : plan.error;
};
const namesOf = (parts: readonly Shared[]) => parts.map(({ name }) => name);

describe('what is there already', () => {
  const there = (names: readonly string[], use: string) => planHold(all, names, [use]);

  test('is not held, and neither is what only it needs: it is used', () => {
    const plan = there([], 'db=postgres://localhost:5432/app');
    expect(plan.ok && plan.value.shared.map(({ name, type }) => `${type} ${name}`)).toEqual([
      'external db',
      'task migrate',
      'service api',
    ]);
    expect(plan.ok && plan.value.holds).toEqual(['api']);
  });

  test.each([
    ['db', 'db=http://a.test', '--use db says that it is there already, and so it cannot be started'],
    ['api', 'pai=http://a.test', '--use pai: there is no service "pai"'],
  ])('cannot be named, and must exist: up %s --use %s', (name, use, message) => {
    const plan = there([name], use);
    expect(plan.ok ? [] : plan.error).toMatchObject([{ message }]);
  });
});

describe('without names', () => {
  test('all services are held, and the tasks that they need are done', () => {
    const { holds, shared: parts, components } = held([]);
    expect(holds).toEqual(['db', 'api']);
    expect(namesOf(parts)).toEqual(['db', 'migrate', 'api']);
    expect(components).toEqual([]);
  });

  test('a suite without any says which components have some of their own', () => {
    expect(refused([], suite(COMPONENTS))).toMatchObject([
      {
        message: 'integration has no services that its components share',
        hint: expect.stringContaining('up web'),
      },
    ]);
    expect(refused([], suite([command('lint')]))[0]?.hint).toContain('add it to the `services` of the suite');
  });
});

test('what one needs comes along, and what would be one for each component is shared', () => {
  const fresh = suite([], { shared: [shared('db', [], true), shared('api', ['db'], true)] });
  const { holds, shared: parts } = held(['api'], fresh);
  expect(holds).toEqual(['api']);
  expect(parts.map((each) => each.fresh)).toEqual([false, false]);
});

describe('a component with services of its own', () => {
  test('is held by its name, in its environment, with what it needs of the suite', () => {
    const { holds, shared: parts } = held(['web']);
    expect(holds).toEqual(['web']);
    expect(namesOf(parts)).toEqual(['db', 'web']);
    expect(parts[1]).toMatchObject({ needs: ['db'], service: { name: 'web', env: { MODE: 'test' } } });
  });

  test('keeps their names if there are several, each after those before it', () => {
    const { holds, shared: parts } = held(['shop'], suite([http('shop', [0, 0])]));
    expect(holds).toEqual(['server', 'other0']);
    expect(parts.map(({ needs }) => needs)).toEqual([[], ['server']]);
  });

  test('cannot be held beside another whose services have the same names', () => {
    const two = suite([http('shop', [0, 0]), http('mail', [0, 0])]);
    expect(refused(['shop', 'mail'], two)[0]).toMatchObject({
      message: 'both shop and mail have a service "server"',
    });
  });
});

test.each([
  ['ap', 'there is no service "ap"', 'did you mean "api"?'],
  ['smoke', '"smoke" is a component without services of its own', 'shakedown up api'],
  ['lint', '"lint" is a component without any service', 'there is db, migrate, seed, api, web'],
])('%s is a mistake', (name, message, hint) => {
  expect(refused([name])).toEqual([{ message, hint: expect.stringContaining(hint) }]);
});
