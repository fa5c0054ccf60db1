/** Which faults a control allows, and how long they take. */
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../../src/core/event.ts';
import type { Finding } from '../../../../src/core/finding.ts';
import type { ProxyReport } from '../../../../src/core/http-fault.ts';
import { EXPECT_SUCCESS, type Shared } from '../../../../src/core/suite.ts';
import type { HttpComponent } from '../../../../src/kinds/http/component.ts';
import { sabotage } from '../../../../src/kinds/http/sabotage.ts';

const COMPONENT = {
  ...{ name: 'http', kind: 'http', target: 'server', via: [] },
  services: [{ name: 'server', port: 0, readyTimeout: 30_000, needs: [], via: [] }],
  client: { type: 'command', command: { type: 'shell', line: 'true' }, expect: EXPECT_SUCCESS },
} as unknown as HttpComponent;

const REPORT: ProxyReport = {
  ...{
    connections: 1,
    requests: 2,
    answers: 2,
    changed: 0,
    changedBy: [0],
    changedFields: [],
    malformed: 0,
    medianMs: 1,
  },
  opaque: { tls: 0, http2: 0, upgrades: 0 },
  seen: [
    {
      ...{ method: 'GET', path: '/', status: 200, contentType: 'application/json' },
      ...{ isJson: true, count: 2, fields: ['$.a'] },
    },
  ],
  isSeenCut: false,
  alternatives: { other: true, stale: true },
  bypassed: { connections: 0 },
};

function controlOf(report: Partial<ProxyReport>, readyAfterMs = 100) {
  const about = { component: 'http', service: 'server' };
  const events: RunEvent[] = [
    { type: 'service-ready', ...about, pid: 1, port: 1, readyAfterMs },
    { type: 'proxy-finished', ...about, user: 'client', report: { ...REPORT, ...report } },
  ];
  return { findings: [], events, durationMs: 1, folder: '/' };
}

async function derive(report: Partial<ProxyReport>, readyAfterMs = 100, obstacle?: Finding) {
  const control = { ...controlOf(report, readyAfterMs), ...(obstacle === undefined ? {} : { obstacle }) };
  const { faults, unreachable } = await sabotage.derive(COMPONENT, control, {
    root: '/',
    env: {},
    seed: 1,
    shared: [],
    readyAfter: () => 0,
  });
  const never = faults.find(({ fault }) => fault === 'never-ready');
  const broken = (await never?.sabotage('/')) as HttpComponent | undefined;
  return {
    tried: faults.map(({ fault }) => fault),
    unreachable,
    takes: never?.takes,
    readyTimeout: broken?.services[0]?.readyTimeout,
  };
}

test.each([
  [40, 1000],
  [334, 1002],
  [2000.5, 6003],
  // No longer than the component itself would wait.
  [20_000, 30_000],
])(
  'a server that was ready after %i ms is waited for %i ms if it is never started',
  async (after, within) => {
    const { readyTimeout, takes } = await derive({}, after);
    expect(readyTimeout).toBe(within);
    expect(takes).toBe(within === 30_000 ? 60_000 : within);
  },
);

test('no fault is tried on a server that is told to stop as well', async () => {
  const drain = { after: 1, signal: 'SIGTERM', within: 1, isRestart: false, exitCode: 0 };
  const component = { ...COMPONENT, drain } as unknown as HttpComponent;
  const ground = { root: '/', env: {}, seed: 1, shared: [], readyAfter: () => 0 };
  const { faults } = await sabotage.derive(component, controlOf({}), ground);
  const broken = await Promise.all(faults.map((fault) => fault.sabotage('/')));
  expect(broken.length).toBeGreaterThan(3);
  expect(broken.filter((each) => 'drain' in each)).toEqual([]);
  const instrumented = await sabotage.instrument(component, '/', ground);
  expect(instrumented.ok && 'drain' in instrumented.value).toBe(false);
  expect(sabotage.baseline?.(component)).not.toHaveProperty('drain');
});

test('nor is a client waited for longer that goes past the proxy', async () => {
  expect(await derive({ connections: 0, requests: 0, answers: 0, seen: [] }, 2000)).toMatchObject({
    tried: ['never-ready'],
    readyTimeout: 6000,
  });
});

const loading = (model: string): HttpComponent => {
  const load = {
    ...{
      model: { type: model, connections: 1, pipelining: 1, stages: [], rate: 1 },
      limit: { type: 'requests', requests: 9 },
      findRate: null,
    },
    ...{
      requests: [{ name: '/', weight: 1, checks: [] }],
      thresholds: [],
      abortOn: [],
      checkEvery: 1,
      workers: 1,
    },
    timeouts: { connect: 1000, response: 1000 },
  };
  return { ...COMPONENT, client: { type: 'load', load } } as unknown as HttpComponent;
};

test.each([
  ['a load runs beside other components, unless its answers are late', loading('closed'), 'others'],
  ['one that must keep to a rate does not', loading('open'), undefined],
  ['nor does a script, which may have conditions on time', COMPONENT, undefined],
])('%s', async (_, component, expected) => {
  const ground = { root: '/', env: {}, seed: 1, shared: [], readyAfter: () => 0 };
  const { faults } = await sabotage.derive(component, controlOf({}), ground);
  const beside = new Map(faults.map(({ fault, sharing }) => [fault, sharing]));
  expect(beside.get('status-500')).toBe(expected);
  expect(beside.get('wrong-value')).toBe(expected);
  expect(beside.get('server-dies')).toBe(expected);
  expect(beside.get('never-ready')).toBe(expected);
  expect(faults.find(({ fault }) => fault === 'hang')?.hangs).toBe(
    component === COMPONENT ? true : undefined,
  );
  expect(beside.get('slow')).toBeUndefined();
});

const PAST = { connections: 0, requests: 0, answers: 0, seen: [], bypassed: { connections: 2 } };

test('a client that goes past the proxy is tried in a network of its own', () => {
  expect(sabotage.otherwise?.(COMPONENT, controlOf(PAST))).toEqual({ ...COMPONENT, isApart: true });
});

test.each([
  ['uses the proxy', {}],
  ['uses it for a part of its requests', { bypassed: { connections: 1 } }],
  ['talks to nobody', { ...PAST, bypassed: { connections: 0 } }],
  ['cannot be seen to talk to anybody', { ...PAST, bypassed: null }],
])('one that %s is not', (_, report) => {
  expect(sabotage.otherwise?.(COMPONENT, controlOf(report))).toBeUndefined();
});

test('of one that goes past it with a part of its requests it is said, as nothing is wrong with these', async () => {
  const ground = { root: '/', env: {}, seed: 1, shared: [], readyAfter: () => 0 };
  const adviceFor = async (word: string, report: object): Promise<string | undefined> =>
    (await sabotage.derive(COMPONENT, controlOf(report), ground)).faults.find(({ fault }) => fault === word)
      ?.advice;
  const usual = await adviceFor('status-500', {});
  expect(await adviceFor('status-500', { bypassed: { connections: 2 } })).toBe(
    `2 connections went past the proxy and met no fault: have the client use the port that it is given, $PORT, for all requests; then ${usual}`,
  );
  expect(await adviceFor('server-dies', { bypassed: { connections: 2 } })).not.toContain('past');
});

test('what it lacks there is the reason why the faults are not reached', async () => {
  const message = 'client exited with code 1: ECONNREFUSED';
  const { unreachable } = await derive(PAST, 100, { code: 'exit-code', message, exitCode: 1, signal: null });
  expect(unreachable[0]?.reason).toBe(
    `the client talks to server past the proxy, and fails in a network namespace of its own: ${message}`,
  );
  expect(unreachable[0]?.advice).not.toContain('root');
});

test('so is that there can be no such network, with what to do', async () => {
  const message = 'no network namespace can be made for the client: not permitted';
  const { unreachable } = await derive(PAST, 100, { code: 'machine-trouble', message });
  expect(unreachable[0]?.reason).toBe(`the client talks to server past the proxy, and ${message}`);
  expect(unreachable[0]?.advice).toMatch(/\$PORT.*as root/);
});

test.each([
  ['other-answer', { other: false, stale: true }],
  ['stale-answer', { other: true, stale: false }],
])('%s is not tried where it cannot happen, and that is said', async (fault, alternatives) => {
  expect((await derive({})).tried).toContain(fault);
  const { tried, unreachable } = await derive({ alternatives });
  expect(tried).not.toContain(fault);
  expect(unreachable).toMatchObject([{ fault, isDemanded: false }]);
});

test('JSON is a body, even if nobody says what it is', async () => {
  const seen = REPORT.seen.map((answer) => ({ ...answer, contentType: null }));
  expect((await derive({ seen })).tried).toEqual((await derive({})).tried);
});

describe('the service of a suite', () => {
  const SERVICE = { ...COMPONENT.services[0], name: 'api', via: [{ type: 'latency', ms: 1 }] };
  const API = { type: 'service', name: 'api', needs: ['db'], fresh: false, service: SERVICE };
  const USING = { ...COMPONENT, target: 'api', services: [], uses: ['api', 'web'] };
  const WEB = { ...API, name: 'web', needs: [] };

  async function tried(api: object, web: object = WEB) {
    const shared = [api, web] as unknown as readonly Shared[];
    const ground = { root: '/', env: {}, seed: 1, shared, readyAfter: () => 700 };
    const control = controlOf({});
    const { faults, unreachable } = await sabotage.derive(USING, control, ground);
    const own = faults.filter(({ inPlaceOf }) => inPlaceOf === 'api');
    const components = await Promise.all(own.map(({ sabotage: broken }) => broken('/')));
    const reasons = Object.fromEntries(unreachable.map(({ fault, reason }) => [fault, reason]));
    const names = own.map(({ fault }) => fault);
    return { own: names, lent: own.map(({ isLent }) => isLent === true), components, reasons };
  }

  test('is one of the component where it dies, or never comes: nobody else notices', async () => {
    const { own, components, reasons } = await tried(API);
    expect(own).toEqual(['server-dies', 'never-ready']);
    expect(reasons).toEqual({});
    const via = [{ type: 'latency', ms: 1 }];
    expect(components).toMatchObject([
      { uses: ['web', 'db'], services: [{ name: 'api', via: [] }], via: [...via, { type: 'die' }] },
      { uses: ['web', 'db'], services: [{ name: 'api', readyTimeout: 2100 }], via },
    ]);
  });

  test('in a container is lent where it dies, and with another that needs it at the same port it is the only one', async () => {
    const inContainer = (network: string | null) => ({
      ...{ ...API, type: 'container', service: { ...SERVICE, ready: { type: 'healthy' } } },
      container: { network },
    });
    const contained = await tried(inContainer(null));
    expect(contained.components).toMatchObject([
      { uses: USING.uses, services: [], via: [{ type: 'die' }] },
      { services: [{ ready: { type: 'port' } }] },
    ]);
    expect(contained.own).toEqual(['server-dies', 'never-ready']);
    expect(contained.lent).toEqual([true, false]);
    expect(contained.reasons).toEqual({});
    const named = await tried(inContainer('suite'));
    expect(named.own).toEqual(['never-ready']);
    expect(named.reasons).toEqual({
      'server-dies': 'in the network of the suite there can be only one container api',
    });
    const fixed = { ...API, service: { ...SERVICE, port: 8001 } };
    expect((await tried(fixed)).own).toEqual(['server-dies', 'never-ready']);
    const both = await tried(fixed, { ...WEB, needs: ['api'] });
    expect(both.own).toEqual([]);
    expect(both.reasons).toEqual({
      'server-dies': 'web needs api as well, and there can be only one on port 8001',
      'never-ready': 'web needs api as well, and there can be only one on port 8001',
    });
  });
});

test.each([
  ['TLS', { tls: 1, http2: 0, upgrades: 0 }],
  ['HTTP/2 and WebSocket', { tls: 0, http2: 2, upgrades: 1 }],
])('of a service by %s only the connections are broken, and that is said', async (words, opaque) => {
  const { tried, unreachable } = await derive({
    opaque,
    seen: [],
    alternatives: { other: false, stale: false },
  });
  expect(tried).toEqual(['reset', 'server-dies', 'slow', 'hang', 'never-ready']);
  const reason = `the proxy passes ${words} through: only faults of connections are tried, not this one, wrong-value, truncated-body, empty-body`;
  expect(unreachable).toMatchObject([{ fault: 'status-500', isDemanded: false, reason }]);
});
