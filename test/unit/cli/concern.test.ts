/** What a changed file concerns. */
import { expect, test } from 'vitest';
import { Concerns } from '../../../src/cli/watch/concern.ts';
import { EXPECT_SUCCESS, type ImageSource, type Shared } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { planRun } from '../../../src/plan/plan.ts';
import { command, service, suite } from '../plan/suites.ts';

const ROOT = '/srv/app';
const shell = (line: string) => ({ type: 'shell', line }) as const;

const SHARED: Shared[] = [
  {
    ...{ type: 'service', name: 'db', needs: [], fresh: false },
    service: service('db', 0, { cwd: `${ROOT}/db`, command: shell('postgres') }),
  },
  {
    ...{
      type: 'task',
      name: 'migrate',
      needs: ['db'],
      fresh: false,
      expect: EXPECT_SUCCESS,
      isCached: false,
    },
    step: {
      ...{ name: 'migrate', command: shell('npm run migrate'), cwd: ROOT, env: {}, outputs: [] },
      ...{ inputs: ['migrations/*.sql'], timeout: ms(1000), undo: null },
    },
  },
  {
    ...{ type: 'service', name: 'api', needs: ['migrate'], fresh: false },
    service: service('api', 0, { command: shell('node server.js') }),
  },
];
const container = (name: string, image: ImageSource): Shared => ({
  ...{ type: 'container', name, needs: [], fresh: false, service: service(name, 0), stopsByImage: true },
  container: {
    ...{ image, command: null, ports: [80], volumes: [], network: null, platform: null, init: false },
    options: [],
  },
});
const CONTAINERS = [
  container('cache', { type: 'name', name: 'redis', timeout: ms(1000) }),
  container('mail', {
    ...{ type: 'build', context: `${ROOT}/mail`, file: null, target: null, args: {}, timeout: ms(1000) },
  }),
];
const COMPONENTS = [
  command('send', { cwd: ROOT, command: shell('true'), uses: ['mail', 'cache'] }),
  command('smoke', { cwd: ROOT, command: shell('sh tests/smoke.sh | cat'), uses: ['api'] }),
  command('unit', { cwd: `${ROOT}/unit`, command: shell('npm test') }),
  command('lint', { cwd: ROOT, command: { type: 'argv', argv: ['./lint.sh'] } }),
];
const FILES = ['tests/smoke.sh', 'lint.sh', 'server.js', 'unit/a.test.js', 'src/a.ts', 'migrations/1.sql'];

function concernOf(...paths: string[]) {
  const plan = planRun(suite(COMPONENTS, { root: ROOT, shared: [...SHARED, ...CONTAINERS] }), [], {
    ...{ jobs: 1, keepGoing: true, repeat: 1 },
  });
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  const inputs = new Map([['migrate', new Set([`${ROOT}/migrations/1.sql`])]]);
  const isFile = (path: string) => FILES.includes(path.slice(ROOT.length + 1));
  const { components, renew } = new Concerns(plan.value, isFile, inputs).of(
    paths.map((path) => `${ROOT}/${path}`),
  );
  return { components: components.toSorted(), renew };
}

test.each<[string, string[], string[], string[]]>([
  ['the script of one component', ['tests/smoke.sh'], ['smoke'], []],
  ['a program of one component', ['lint.sh'], ['lint'], []],
  ['a file in the folder of one component', ['unit/b.test.js'], ['unit'], []],
  ['the program of a service', ['server.js'], ['smoke'], ['api']],
  ['a file in the folder of a service', ['db/postgresql.conf'], ['smoke'], ['db', 'migrate', 'api']],
  ['an input of a task', ['migrations/1.sql'], ['smoke'], ['migrate', 'api']],
  ['what a container is built from', ['mail/Dockerfile'], ['send'], ['mail']],
  ['any other', ['src/a.ts'], ['lint', 'send', 'smoke', 'unit'], ['api']],
  ['one that is gone', ['tests/gone.sh'], ['lint', 'send', 'smoke', 'unit'], ['api']],
  ['several', ['lint.sh', 'unit/a.test.js'], ['lint', 'unit'], []],
])('%s', (_, paths, components, renew) => {
  expect(concernOf(...paths)).toEqual({ components, renew });
});
