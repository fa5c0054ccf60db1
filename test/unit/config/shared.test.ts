/** Services and tasks of a suite as a config words them, and what can be wrong with them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { planRun } from '../../../src/plan/plan.ts';

const LIBRARY = resolve(import.meta.dirname, '../../../src/index.ts');
const OPTIONS = { jobs: 1, keepGoing: false, repeat: 1 };

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shared-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

async function load(services: object, components: object) {
  const file = join(dir, 'shakedown.config.json');
  writeFileSync(file, JSON.stringify({ services, components }));
  return loadConfig(file, { cwd: dir, library: LIBRARY });
}

const web = { run: 'web', port: 0 };
const check = (needs: readonly string[] = [], options: object = {}) => ({
  kind: 'command',
  run: 'check',
  needs,
  ...options,
});

test('a component needs components and services alike; only what the selected ones use is planned', async () => {
  const suite = await load(
    {
      api: { ...web, needs: ['migrate'] },
      migrate: { kind: 'task', run: 'migrate', needs: ['db'] },
      db: { kind: 'service', run: 'db', port: 0, fresh: true },
      unused: web,
    },
    { first: check(), second: check(['first', 'api']), third: { kind: 'http', use: 'db', client: 'x' } },
  );
  if (!suite.ok) throw new Error(JSON.stringify(suite.error));
  const plan = planRun(suite.value, ['second'], OPTIONS);
  if (!plan.ok) throw new Error('no plan');
  expect(
    plan.value.components.map(({ component: { name, needs, uses } }) => ({ name, needs, uses })),
  ).toEqual([
    { name: 'first', needs: [], uses: [] },
    { name: 'second', needs: ['first'], uses: ['api'] },
  ]);
  // Who needs what is fresh is fresh too.
  expect(plan.value.shared.map(({ name, fresh }) => [name, fresh])).toEqual([
    ['db', true],
    ['migrate', true],
    ['api', true],
  ]);
});

test.for([
  {
    says: 'a circle',
    services: { a: { ...web, needs: ['b'] }, b: { ...web, needs: ['a'] } },
    components: { c: check(['a']) },
    message: 'these services need each other in a circle: a → b → a',
  },
  {
    says: 'a need of a service that nobody offers',
    services: { api: { ...web, needs: ['bd'] }, db: web },
    components: { c: check(['api']) },
    message: 'service "api" needs "bd", which does not exist',
    hint: 'did you mean "db"?',
  },
  {
    says: 'a need of a component that nobody offers',
    services: { api: web },
    components: { c: check(['apu']) },
    message: 'component "c" needs "apu", which does not exist',
    hint: 'did you mean "api"?',
  },
  {
    says: 'a need of a component',
    services: { api: { ...web, needs: ['c'] } },
    components: { c: check(['api']) },
    message: 'service "api" needs "c", which is a component; services are started before components',
  },
  {
    says: 'one name for two things',
    services: { api: web },
    components: { api: check() },
    message: 'a service and a component are both called "api", so `needs` could mean either',
  },
  {
    says: 'one port for two services',
    services: { a: { run: 'a', port: 8001 }, b: { run: 'b', port: 8001 } },
    components: { c: check(['a', 'b']) },
    message: 'the services "a" and "b" have the same port 8001',
  },
  {
    says: 'one port for a service of the suite and one of a component',
    services: { a: { run: 'a', port: 8001 } },
    components: { c: { kind: 'http', server: { run: 'x', port: 8001 }, client: 'x' } },
    message: 'a service of component "c" has the same port 8001 as the service "a" of the suite',
  },
  {
    says: 'one folder for the failures of two components',
    services: {},
    components: {
      c: { kind: 'http', server: { run: 'x', port: 0 }, client: { kind: 'load', saveFailures: 'f' } },
      d: { kind: 'http', server: { run: 'x', port: 0 }, client: { kind: 'load', saveFailures: './f/' } },
    },
    message: 'component "d" saves failures in the same folder as "c", and would replace them',
    hint: 'give each component a folder of its own',
  },
  {
    says: 'a cache without inputs',
    services: { m: { kind: 'task', run: 'm', cache: true } },
    components: { c: check(['m']) },
    message: 'the task "m" has no `inputs`, so nothing says when it must run again',
  },
  {
    says: 'the use of a task',
    services: { m: { kind: 'task', run: 'm' } },
    components: { c: { kind: 'http', use: 'm', client: 'x' } },
    message: '"m" is a task: when it is done, nothing of it is left to send to',
  },
  {
    says: 'the use of a project of Compose',
    services: { stack: { kind: 'compose', file: 'shakedown.config.json', services: ['web'] } },
    components: { c: { kind: 'http', use: 'stack', client: 'x' } },
    message: '"stack" is a project of Compose, whose services have an address each',
    hint: 'let a command that needs "stack" send to one of them, at $STACK_WEB_URL',
  },
  {
    says: 'the use of what is not there',
    services: { api: web },
    components: { c: { kind: 'http', use: 'app', client: 'x' } },
    message: 'there is no service "app" in the suite',
    hint: 'did you mean "api"?',
  },
  {
    says: 'a service of its own besides',
    services: { api: web },
    components: { c: { kind: 'http', use: 'api', server: web, client: 'x' } },
    message: 'the client tries either a service of the suite, which `use` names, or one of its own',
    hint: 'remove `use`, or `server`',
  },
  {
    says: 'an unknown kind of service',
    services: { api: { ...web, kind: 'deamon' } },
    components: { c: check(['api']) },
    message: '"kind" must be "service", "container", "compose" or "task", not "deamon"',
  },
  {
    says: 'a service without its command, whoever needs or uses it',
    services: { i: { run: 5, port: 0 }, j: { ...web, needs: ['i'] } },
    components: {
      a: check(['i']),
      b: { kind: 'http', use: 'i', client: 'x' },
      c: { kind: 'http', server: { ...web, needs: ['j'] }, client: 'x' },
    },
    message: '"run" must be a command',
  },
  {
    says: 'a service that is no object, whoever needs it',
    services: { i: 'npm start', j: { ...web, needs: ['i'] } },
    components: { a: check(['i', 'j']) },
    message: '"i" must be an object of options',
  },
])('$says is a mistake', async ({ services, components, message, hint }) => {
  const suite = await load(services, components);
  if (suite.ok) throw new Error('it was taken');
  expect(suite.error).toHaveLength(1);
  expect(suite.error[0]?.message).toContain(message);
  if (hint !== undefined) expect(suite.error[0]?.hint).toBe(hint);
});
