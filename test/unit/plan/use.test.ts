/** What is already there in place of a service of the suite: which URLs are taken, what of the suite is left out, and who cannot use it. */
import { describe, expect, test } from 'vitest';
import { addressVariables } from '../../../src/core/address.ts';
import { againCommand, chosenIn } from '../../../src/core/again.ts';
import { EXPECT_SUCCESS, type Probe, type Shared, type SharedExternal } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { planRun } from '../../../src/plan/plan.ts';
import { withUsed } from '../../../src/plan/use.ts';
import fc from '../../rig/fast-check.ts';
import { command, http, service, suite } from './suites.ts';

const of = (name: string, needs: readonly string[] = [], ready: Probe = { type: 'port' }): Shared => ({
  type: 'service',
  name,
  needs,
  fresh: false,
  service: service(name, 0, { ready }),
});
const task = (name: string, needs: readonly string[] = []): Shared => ({
  ...{ type: 'task', name, needs, fresh: false, expect: EXPECT_SUCCESS, isCached: false },
  step: {
    ...{ name, command: { type: 'shell', line: 'true' }, cwd: '/', env: {} },
    ...{ inputs: [], outputs: [], timeout: ms(1000), undo: null },
  },
});

const SHARED = [of('db'), task('migrate', ['db']), of('api', ['migrate']), of('mail')];
const SUITE = suite([command('smoke', { uses: ['api'] }), command('letters', { uses: ['mail', 'db'] })], {
  shared: SHARED,
});
const OPTIONS = { jobs: 1, keepGoing: false, repeat: 1 };

function externalOf(text: string, shared: readonly Shared[] = SHARED): SharedExternal {
  const used = withUsed({ ...SUITE, shared }, [text]);
  const found = used.ok ? used.value.shared.find(({ type }) => type === 'external') : undefined;
  if (found?.type !== 'external') throw new Error(JSON.stringify(used));
  return found;
}

function mistakes(...uses: readonly string[]): string[] {
  const used = withUsed(SUITE, uses);
  return used.ok ? [] : used.error.map(({ message, hint }) => `${message} (${hint})`);
}

test('a service with faults before it cannot be another one', () => {
  const [db, migrate, api, mail] = SHARED;
  if (api?.type !== 'service' || db === undefined || migrate === undefined || mail === undefined)
    throw new Error('the suite has changed');
  const faulty: Shared = { ...api, service: { ...api.service, via: [{ type: 'status', status: 503 }] } };
  const used = withUsed({ ...SUITE, shared: [db, migrate, faulty, mail] }, ['api=http://a.test']);
  expect(used.ok ? [] : used.error.map(({ message }) => message)).toEqual([
    '--use api: it has faults in `via`, and these stand only before a service that this run has started',
  ]);
});

describe('what is left of the suite', () => {
  test('what only it needs is left out, and what others need is not', () => {
    const shared = (names: readonly string[], use: readonly string[]): string[] => {
      const plan = planRun(SUITE, names, { ...OPTIONS, use });
      return plan.ok ? plan.value.shared.map(({ name, type }) => `${type} ${name}`) : [];
    };
    expect(shared(['smoke'], [])).toEqual(['service db', 'task migrate', 'service api']);
    expect(shared(['smoke'], ['api=http://a.test'])).toEqual(['external api']);
    expect(shared([], ['api=http://a.test'])).toEqual(['service db', 'external api', 'service mail']);
  });

  test('the command that repeats the run has it, too', () => {
    const plan = planRun(SUITE, [], { ...OPTIONS, use: ['api=http://a.test'] });
    expect(plan.ok && againCommand(chosenIn(plan.value), ['smoke'])).toMatch(
      / smoke .*--use api=http:\/\/a\.test$/,
    );
  });
});

describe('the address', () => {
  test.each([
    ['http://localhost:8080', { PORT: '8080', HOST: 'localhost', URL: 'http://localhost:8080' }],
    ['https://staging.example', { PORT: '443', HOST: 'staging.example', URL: 'https://staging.example' }],
    ['http://a.test/v2/', { PORT: '80', HOST: 'a.test', URL: 'http://a.test/v2' }],
    ['http://me:pass@a.test', { PORT: '80', HOST: 'a.test', URL: 'http://me:pass@a.test' }],
    ['http://[::1]:81', { PORT: '81', HOST: '::1', URL: 'http://[::1]:81' }],
    [
      'postgres://me@db.test:5432/app?sslmode=off',
      { PORT: '5432', HOST: 'db.test', URL: 'postgres://me@db.test:5432/app?sslmode=off' },
    ],
  ])('of %s', (url, { PORT, HOST, URL }) => {
    const { address } = externalOf(`api=${url}`);
    expect(addressVariables('api', address)).toEqual({ API_PORT: PORT, API_HOST: HOST, API_URL: URL });
  });

  test('a name, a port and a path come back as they were given', () => {
    const part = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    fc.assert(
      fc.property(part, fc.integer({ min: 1, max: 65_535 }), fc.array(part), (host, port, path) => {
        const url = `http://${host}:${port}${path.map((each) => `/${each}`).join('')}`;
        const { address } = externalOf(`api=${url}`);
        expect(address).toMatchObject({ host, port });
        expect(address.url).toBe(port === 80 ? url.replace(':80', '') : url);
      }),
    );
  });
});

describe('how it is asked', () => {
  const get: Probe = {
    ...{ type: 'http', path: '/health', status: { from: 200, to: 299 }, timeout: ms(500) },
    ...{ host: '192.168.0.7', headers: { host: 'api.test', 'X-A': 'b' } },
  };
  const readyOf = (url: string, ready: Probe): Probe =>
    externalOf(`api=${url}`, [of('api', [], ready)]).ready;

  test('over HTTP as its `ready` says, below the path of the URL, in its scheme, and with its host', () => {
    const asked = readyOf('https://me:p%40ss@a.test:444/v2', get);
    expect(asked).toEqual({
      ...{ type: 'http', path: '/v2/health', status: { from: 200, to: 299 }, timeout: ms(500) },
      headers: { Authorization: `Basic ${btoa('me:p@ss')}`, 'X-A': 'b', Host: 'a.test:444' },
      tls: { verify: true, ca: null },
    });
    const secure: Probe = { ...get, tls: { verify: false, ca: null } };
    expect(readyOf('http://a.test', secure)).not.toHaveProperty('tls');
    expect(readyOf('https://a.test', secure)).toMatchObject({ tls: { verify: false } });
  });

  test('what cannot be asked of an address is left out, and a connection is enough where nothing else is left', () => {
    const log: Probe = { type: 'log', pattern: { type: 'text', text: 'up' } };
    const other: Probe = { ...get, port: 9000 };
    expect(readyOf('http://a.test', log)).toEqual({ type: 'port' });
    expect(readyOf('http://a.test', other)).toEqual({ type: 'port' });
    expect(readyOf('tcp://a.test:80', get)).toEqual({ type: 'port' });
    expect(readyOf('http://a.test', { type: 'all', probes: [log, get, other] })).toMatchObject({
      type: 'all',
      probes: [{ type: 'http', path: '/health' }],
    });
  });
});

test('a service in a container is asked like any other, and no engine is needed', () => {
  const ready: Probe = { type: 'http', path: '/up', status: { from: 200, to: 200 }, timeout: ms(500) };
  const container: Shared = {
    ...{ type: 'container', name: 'api', needs: [], fresh: false, stopsByImage: false },
    service: service('api', 0, { ready, readyTimeout: ms(7000) }),
    container: {
      image: { type: 'name', name: 'api:1', timeout: ms(1000) },
      ...{ command: null, ports: [80], volumes: [], network: null, platform: null, init: false, options: [] },
    },
  };
  expect(externalOf('api=http://a.test/v2', [container])).toMatchObject({
    ready: { type: 'http', path: '/v2/up', headers: { Host: 'a.test' } },
    readyTimeout: 7000,
  });
});

describe('what is refused', () => {
  test.each([
    [['apo=http://a.test'], /no service "apo".*did you mean "api".*db, api, mail/],
    [['smoke=http://a.test'], /smoke: it is a component.*services: \{/],
    [['migrate=http://a.test'], /migrate: it is a task.*that need it/],
    [['api'], /names no service and URL/],
    [['=http://a.test'], /names no service and URL/],
    [['api=localhost:8080'], /"localhost:8080" is not a URL.*--use api=http/],
    [['api=me:secret1@host'], /^--use api: this is not a URL/],
    [['api=http://'], /is not a URL/],
    [['api=file:///etc/passwd'], /names no host/],
    [['api=http://a.test/?x=1'], /ends in a query/],
    [['api=http://a.test/#x'], /ends in a fragment/],
    [['api=http://a.test:70000'], /is not a URL.*port \(1 to 65535\)/],
    [['api=http://%zz:x@a.test'], /not encoded as in a URL.*%25/],
    [['db=postgres://a.test/app'], /has no port.*postgres:\/\/a\.test:5432/],
    [['api=http://a.test', 'api=http://b.test'], /--use api is given twice/],
  ])('%j', (uses, expected) => {
    expect(mistakes(...uses).join('\n')).toMatch(expected);
  });

  test('all of it at once, together with unknown names of components', () => {
    const plan = planRun(SUITE, ['nobody'], { ...OPTIONS, use: ['apo=http://a.test', 'db=x'] });
    expect(plan.ok ? 0 : plan.error.length).toBe(3);
  });

  test('a password in what is wrong is not shown', () => {
    expect(mistakes('db=postgres://me:verysecret@a.test/app').join()).not.toContain('verysecret');
  });

  test('a component that puts faults before it, or whose load goes elsewhere', () => {
    const load = (over: object) => ({
      type: 'load' as const,
      load: { route: { address: null, unixSocket: null, localAddress: null }, ...over } as never,
    });
    const refusal = (over: object, url = 'http://a.test'): string => {
      const component = http('try', [0], { services: [], target: 'api', uses: ['api'], ...over });
      const plan = planRun({ ...SUITE, components: [component] }, [], { ...OPTIONS, use: [`api=${url}`] });
      return plan.ok ? '' : plan.error.map(({ message }) => message).join();
    };
    expect(refusal({})).toBe('');
    expect(refusal({ client: load({}) })).toBe('');
    expect(refusal({ via: [{ type: 'none' }] })).toMatch(/faults in `via`/);
    expect(refusal({ client: load({ route: { unixSocket: '/x', address: null } }) })).toMatch(/to \/x/);
    expect(refusal({ client: load({ route: { unixSocket: null, address: '10.0.0.1' } }) })).toMatch(/10\.0/);
    expect(refusal({ client: load({}) }, 'tcp://a.test:1')).toMatch(/sends HTTP requests/);
  });
});
