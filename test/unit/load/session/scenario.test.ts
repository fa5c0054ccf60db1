/** What users do, on the virtual network: when they send, what they remember, and that nothing is lost between them. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LoadCheck } from '../../../../src/core/load.ts';
import { parseThreshold } from '../../../../src/core/threshold.ts';
import { ms } from '../../../../src/core/units.ts';
import { closed, forMs, forRequests, open } from '../plans.ts';
import { type Asked, answer, doing, json, reset, type Server, silence, simulate, step } from './world.ts';

vi.mock(import('../../../../src/load/engine/socket.ts'), async (original) => ({
  ...(await original()),
  connector: vi.fn(),
}));

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const ok: Server = () => answer(200, 'ok');
const paths = (asked: readonly Asked[]): string[] => asked.map(({ path }) => path);
const codes = ({ findings }: { findings: readonly { code: string }[] }): string[] =>
  findings.map(({ code }) => code);

describe('an iteration', () => {
  test('is all steps in order, of which each user sends the next when the last was answered', async () => {
    const { result, asked } = await simulate(() => answer(200, 'ok', [], 10), {
      ...doing({ users: 2, steps: [step('/a'), step('/b'), step('/c')] }),
      model: closed(2),
      limit: forRequests(4),
    });
    expect(result.counts).toMatchObject({ scheduled: 12, completed: 12 });
    expect(result.iterations).toMatchObject({ scheduled: 4, completed: 4, failed: 0, inFlightAtEnd: 0 });
    for (const connection of [1, 2])
      expect(paths(asked.filter((each) => each.connection === connection))).toEqual([
        ...['/a', '/b', '/c', '/a', '/b', '/c'],
      ]);
    expect((result.iterations?.durationUs?.p50 ?? 0) / 1000).toBeCloseTo(30, 0);
    expect(result.verdict).toBe('passed');
  });

  test('is one step drawn by weight, if steps have weights', async () => {
    const { result, asked } = await simulate(ok, {
      ...doing({ order: 'weighted', steps: [step('/often', { weight: 3 }), step('/rare', { weight: 1 })] }),
      limit: forRequests(400),
    });
    expect(result.iterations).toMatchObject({ completed: 400 });
    expect(result.counts.completed).toBe(400);
    const often = asked.filter(({ path }) => path === '/often').length;
    expect(often).toBeGreaterThan(260);
    expect(often).toBeLessThan(340);
  });

  test('pauses after each step for as long as it says, which does not count as response time', async () => {
    const { result, asked } = await simulate(() => answer(200, 'ok', [], 10), {
      ...doing({ steps: [step('/a', { think: [40, 40] }), step('/b', { think: [90, 90] })] }),
      limit: forRequests(3),
    });
    const [first = 0, ...others] = asked.map(({ at }) => at);
    expect(others.map((at) => Math.round(at - first))).toEqual([50, 150, 200, 300, 350]);
    expect((result.latencyUs.response?.max ?? 0) / 1000).toBeCloseTo(10, 0);
    // The pause after the last step belongs to no iteration.
    expect((result.iterations?.durationUs?.max ?? 0) / 1000).toBeCloseTo(60, 0);
  });

  test('draws its pauses evenly between two times', async () => {
    const { asked } = await simulate(() => answer(200, 'ok', [], 0), {
      ...doing({ steps: [step('/', { think: [20, 80] })] }),
      limit: forRequests(500),
    });
    const pauses = asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...pauses)).toBeLessThan(82);
    const mean = pauses.reduce((sum, each) => sum + each, 0) / pauses.length;
    expect(Math.abs(mean - 50)).toBeLessThan(4);
  });
});

describe('with a rate', () => {
  test('iterations begin exactly when they are due, whatever became of those before', async () => {
    const { result, asked } = await simulate(() => answer(200, 'ok', [], 70), {
      ...doing({ users: 10, steps: [step('/a'), step('/b')] }),
      model: open(50, 10),
      limit: forMs(1000),
    });
    const begun = asked.filter(({ path }) => path === '/a').map(({ at }) => at);
    const [first = 0] = begun;
    expect(begun).toHaveLength(50);
    for (const [index, at] of begun.entries()) expect(Math.abs(at - first - index * 20)).toBeLessThan(0.1);
    expect(result.iterations).toMatchObject({ scheduled: 50, neverStarted: 0 });
  });

  test('those that find no idle user wait for one, which counts from when they were due', async () => {
    // One user takes 100 ms for an iteration, and one is due every 50: the nth waits n × 50 ms.
    const { result } = await simulate(() => answer(200, 'ok', [], 50), {
      ...doing({ users: 1, steps: [step('/a'), step('/b')] }),
      model: open(20, 1),
      limit: forRequests(10),
    });
    expect(result.iterations).toMatchObject({ scheduled: 10, completed: 10 });
    expect(Math.abs((result.iterations?.durationUs?.max ?? 0) / 1000 - 550)).toBeLessThan(3);
    // Only the first step was due earlier than it was sent.
    expect(Math.abs((result.latencyUs.response?.max ?? 0) / 1000 - 500)).toBeLessThan(3);
  });
});

describe('captured values', () => {
  /** Gives each order a number, and knows whose it is. */
  function shop(): Server {
    let orders = 0;
    const owner = new Map<string, string>();
    return ({ method, path, headers }) => {
      const user = headers['x-user'] ?? '';
      if (method === 'POST') {
        orders += 1;
        owner.set(`/orders/${orders}`, user);
        return answer(201, { order: { id: orders } }, [], 1 + (orders % 7));
      }
      return owner.get(path) === user ? answer(200, { of: user }, [], orders % 5) : answer(403, 'not yours');
    };
  }
  const steps = [
    step('/orders', {
      method: 'POST',
      headers: [['X-User', '{{user}}']],
      captures: [json('id', 'order', 'id')],
    }),
    step('/orders/{{id}}', { headers: [['X-User', '{{user}}']] }),
  ];

  test.for([
    { users: 8, connections: 8 },
    { users: 8, connections: 3 },
    { users: 2, connections: 8 },
  ])('are those of their user: $users users on $connections connections', async ({ users, connections }) => {
    const { result, asked } = await simulate(shop(), {
      ...doing({ users, steps }),
      model: closed(connections),
      limit: forRequests(200),
    });
    expect(result.counts.byStatus).toEqual({ 200: 200, 201: 200 });
    expect(result.iterations).toMatchObject({ completed: 200 });
    expect(new Set(asked.map(({ connection }) => connection)).size).toBe(Math.min(users, connections));
    expect(result.verdict).toBe('passed');
  });

  test('are missed where they are needed: then the response has failed, and with it the iteration', async () => {
    let count = 0;
    const { result, asked } = await simulate(
      ({ method }) => {
        count += 1;
        return method === 'POST'
          ? answer(201, count % 3 === 1 ? { order: {} } : { order: { id: 7 } })
          : answer(200, '');
      },
      { ...doing({ steps }), limit: forRequests(10) },
    );
    const { iterations, counts, failures } = result;
    expect(iterations?.scheduled).toBe(10);
    expect(iterations?.failed).toBe(counts.byFailure.check);
    expect(iterations?.failed).toBeGreaterThan(0);
    expect(asked.filter(({ method }) => method === 'GET')).toHaveLength(iterations?.completed ?? 0);
    expect(failures[0]?.message).toContain(
      'answered with JSON that has nothing at order.id, where {{id}} is to come from',
    );
    expect(codes(result)).toEqual(['unexpected-response']);
  });

  test('are not those of an earlier iteration, but those of before stay', async () => {
    const seen: string[] = [];
    let count = 0;
    const { result } = await simulate(
      ({ path, headers }) => {
        count += 1;
        if (path === '/login') return answer(200, { token: 't1' });
        seen.push(`${path} ${headers.authorization}`);
        return path === '/a' ? answer(200, { id: count }) : answer(200, '');
      },
      {
        ...doing({
          before: [step('/login', { captures: [json('token', 'token')] })],
          steps: [
            step('/a', { headers: [['Authorization', 'Bearer {{token}}']], captures: [json('id', 'id')] }),
            step('/b/{{id}}', { headers: [['Authorization', 'Bearer {{token}}']] }),
          ],
        }),
        limit: forRequests(2),
      },
    );
    expect(seen).toEqual(['/a Bearer t1', '/b/2 Bearer t1', '/a Bearer t1', '/b/4 Bearer t1']);
    expect(result.byName.map(({ name, part, counts }) => [name, part, counts.completed])).toEqual([
      ['GET /login', 'before', 1],
      ['GET /a', 'load', 2],
      ['GET /b/{{id}}', 'load', 2],
    ]);
    expect(result.counts.completed).toBe(4);
  });

  test('survive no lost connection: the iteration fails, and the user goes on with the next', async () => {
    let count = 0;
    const { result } = await simulate(
      ({ method }) => {
        count += 1;
        if (count % 5 === 0) return reset;
        return method === 'POST' ? answer(201, { order: { id: count } }) : answer(200, '');
      },
      { ...doing({ users: 3, steps }), model: closed(3), limit: forRequests(60) },
    );
    const { iterations, counts } = result;
    expect(iterations).toMatchObject({ scheduled: 60, inFlightAtEnd: 0 });
    expect(iterations?.failed).toBe(counts.byFailure['cut-off']);
    expect(iterations?.failed).toBeGreaterThan(10);
  });

  test('that a hostile server makes up cannot bring a header, nor fill memory', async () => {
    const values = ['x\r\nX-Evil: 1', '\u{1f36a}', '\ud800', 'y'.repeat(20_000), 'fine'];
    let count = 0;
    const { result, asked } = await simulate(
      ({ path }) => {
        if (path !== '/token') return answer(200, '');
        count += 1;
        return answer(200, { token: values[count - 1] });
      },
      {
        ...doing({
          steps: [
            step('/token', { captures: [json('token', 'token')] }),
            step('/use', { headers: [['Authorization', 'Bearer {{token}}']] }),
          ],
        }),
        limit: forRequests(values.length),
      },
    );
    expect(result.iterations).toMatchObject({ completed: 1, failed: 4 });
    expect(asked.filter(({ path }) => path === '/use').map(({ headers }) => headers.authorization)).toEqual([
      'Bearer fine',
    ]);
    expect(asked.some(({ headers }) => headers['x-evil'] !== undefined)).toBe(false);
    expect(result.failures[0]?.message).toContain('a value for {{token}} that no header can hold');
  });
});

describe('cookies', () => {
  test('are kept for each user, and never mixed, even where users share connections', async () => {
    let sessions = 0;
    const userOf = new Map<string, string>();
    const { result } = await simulate(
      ({ path, headers }) => {
        const user = headers['x-user'] ?? '';
        if (path === '/login') {
          sessions += 1;
          userOf.set(`sid=s${sessions}`, user);
          return answer(200, '', [`Set-Cookie: sid=s${sessions}; Path=/; HttpOnly`], sessions % 4);
        }
        return answer(userOf.get(headers.cookie ?? '') === user ? 200 : 403, '', [], sessions % 3);
      },
      {
        ...doing({
          users: 20,
          before: [step('/login', { headers: [['X-User', '{{user}}']] })],
          steps: [
            step('/me', { headers: [['X-User', '{{user}}']] }),
            step('/cart', { headers: [['X-User', '{{user}}']] }),
          ],
        }),
        model: closed(7),
        limit: forRequests(300),
      },
    );
    expect(sessions).toBe(20);
    expect(result.counts.byStatus).toEqual({ 200: 600 });
  });

  test('of another domain are refused', async () => {
    const { asked } = await simulate(
      () => answer(200, '', ['Set-Cookie: evil=1; Domain=example.com', 'Set-Cookie: good=1']),
      { ...doing({ steps: [step('/')] }), limit: forRequests(3) },
    );
    expect(asked.map(({ headers }) => headers.cookie)).toEqual([undefined, 'good=1', 'good=1']);
  });
});

describe('on a status', () => {
  const refreshing = {
    before: [step('/login', { method: 'POST', captures: [json('token', 'token')] })],
    steps: [step('/work', { headers: [['Authorization', '{{token}}']], think: [5, 5] as const })],
    onStatus: { 401: [step('/refresh', { method: 'POST', captures: [json('token', 'token')] })] },
  };

  test('a user does what it is told, and then the step again, which is no failure', async () => {
    let tokens = 0;
    let uses = 0;
    const { result, asked } = await simulate(
      ({ path, headers }) => {
        if (path !== '/work') {
          tokens += 1;
          uses = 0;
          return answer(200, { token: `t${tokens}` });
        }
        uses += 1;
        return answer(uses > 3 || headers.authorization !== `t${tokens}` ? 401 : 200, '');
      },
      { ...doing(refreshing), limit: forRequests(7) },
    );
    expect(paths(asked)).toEqual([
      ...['/login', '/work', '/work', '/work', '/work', '/refresh', '/work', '/work', '/work'],
      ...['/work', '/refresh', '/work'],
    ]);
    expect(result.iterations).toMatchObject({ scheduled: 7, completed: 7, failed: 0 });
    expect(result.counts.byStatus).toEqual({ 200: 9, 401: 2 });
    expect(result.counts.failed).toBe(0);
    expect(result.verdict).toBe('passed');
  });

  test('that comes for ever, the second in a row is a failure, and the iteration ends', async () => {
    const { result, asked } = await simulate(
      ({ path }) => (path === '/work' ? answer(401, '') : answer(200, { token: 't' })),
      { ...doing(refreshing), limit: forRequests(3) },
    );
    expect(paths(asked)).toEqual([
      '/login',
      ...Array.from({ length: 3 }, () => ['/work', '/refresh', '/work']).flat(),
    ]);
    expect(result.iterations).toMatchObject({ scheduled: 3, failed: 3 });
    expect(result.verdict).toBe('failed');
    const { hint } = result.findings.find(({ code }) => code === 'unexpected-response') ?? {};
    expect(hint).toMatch(/^that is after `onStatus`: 401 came once more/);
  });

  test('that a login has as well, the login is to blame', async () => {
    const { result } = await simulate(
      ({ path }) => (path === '/login' ? answer(200, { token: 't' }) : answer(401, '')),
      { ...doing(refreshing), limit: forRequests(3) },
    );
    const found = result.findings.find(({ code }) => code === 'unexpected-response');
    expect(found?.message).toContain('GET /refresh answered 401');
    expect(found?.hint).toBeUndefined();
  });
});

describe('before the load', () => {
  const before = [step('/login')];
  const steps = [step('/work')];

  test('every user logs in, before the first measured request, at most 128 at once', async () => {
    let underWay = 0;
    let most = 0;
    const { result, asked } = await simulate(
      () => {
        underWay += 1;
        most = Math.max(most, underWay);
        return answer(200, '', [], 50);
      },
      { ...doing({ users: 300, before, steps }), model: closed(300), limit: forRequests(300) },
    );
    const last = asked.findLastIndex(({ path }) => path === '/login');
    expect(last).toBe(299);
    expect(asked.filter(({ at, path }) => path === '/login' && at < 50).length).toBeLessThanOrEqual(128);
    expect(result.counts.scheduled).toBe(300);
    expect(most).toBeGreaterThan(0);
  });

  test('a login that fails is tried again, which is no failure of the load', async () => {
    let count = 0;
    const { result, asked } = await simulate(
      ({ path }) => {
        if (path !== '/login') return answer(200, '');
        count += 1;
        return answer(count < 3 ? 503 : 200, '');
      },
      { ...doing({ before, steps }), limit: forRequests(2) },
    );
    expect(paths(asked)).toEqual(['/login', '/login', '/login', '/work', '/work']);
    expect(result.verdict).toBe('passed');
    const [login] = result.byName;
    expect(login).toMatchObject({ part: 'before', counts: { scheduled: 3, completed: 1, failed: 2 } });
  });

  test('a user that never gets in is a finding; the others go on', async () => {
    const { result, asked } = await simulate(
      ({ path, headers }) =>
        answer(path === '/login' && headers['x-user'] === '2' ? 403 : 200, 'no such user'),
      {
        ...doing({ users: 4, before: [step('/login', { headers: [['X-User', '{{user}}']] })], steps }),
        model: closed(4),
        limit: forRequests(9),
      },
    );
    expect(result.iterations).toMatchObject({ scheduled: 9, completed: 9 });
    expect(asked.filter(({ path }) => path === '/login')).toHaveLength(7);
    expect(result.findings).toMatchObject([
      {
        code: 'users-locked-out',
        count: 1,
        message: expect.stringContaining('1 user of 4 never got in: GET /login answered 403'),
      },
    ]);
    expect(result.verdict).toBe('failed');
  });

  test.for([
    ['is refused', answer(403, 'who are you'), 'GET /login answered 403'],
    ['breaks', reset, 'GET /login was cut off'],
    ['is never answered', silence, 'GET /login had no answer within 200 ms'],
  ] as const)('if every login %s nothing is sent, and the answer is quoted', async ([, reply, said]) => {
    const { result, asked } = await simulate(() => reply, {
      ...doing({ users: 3, before, steps }),
      model: closed(3),
      limit: forMs(1000),
      timeouts: { connect: ms(100), response: ms(200) },
    });
    expect(asked.every(({ path }) => path === '/login')).toBe(true);
    expect(result).toMatchObject({ verdict: 'failed', durationMs: 0, counts: { scheduled: 0 } });
    expect(result.findings[0]).toMatchObject({ code: 'zero-work' });
    expect(result.findings[0]?.message).toContain(said);
  });

  test('an interruption ends it at once', async () => {
    const abort = new AbortController();
    const { result, asked } = await simulate(
      () => {
        setTimeout(() => abort.abort(), 20);
        return silence;
      },
      { ...doing({ before, steps }), limit: forRequests(5) },
      abort.signal,
    );
    expect(asked).toHaveLength(1);
    expect(result.ended).toBe('interrupted');
    expect(result.verdict).toBe('inconclusive');
  });
});

test('iterations that are under way at the end are no failures', async () => {
  const { result } = await simulate(() => answer(200, '', [], 300), {
    ...doing({ users: 4, steps: [step('/a'), step('/b'), step('/c')] }),
    model: closed(4),
    limit: forMs(1000),
  });
  expect(result.iterations).toEqual({
    ...{ scheduled: 8, completed: 4, failed: 0, inFlightAtEnd: 4, neverStarted: 0 },
    durationUs: expect.anything(),
  });
  expect(result.verdict).toBe('passed');
});

test('if no iteration was completed, nothing has been shown', async () => {
  const { result } = await simulate(() => answer(200, '', [], 300), {
    ...doing({ steps: [step('/a'), step('/b'), step('/c'), step('/d')] }),
    limit: forMs(1000),
  });
  expect(result.counts.completed).toBeGreaterThan(0);
  expect(result.findings[0]).toMatchObject({
    code: 'zero-work',
    message: expect.stringContaining('no iteration was completed'),
  });
  expect(result.verdict).toBe('failed');
});

test('thresholds can be about iterations', async () => {
  const of = (text: string) => {
    const parsed = parseThreshold(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    return parsed.value;
  };
  const { result } = await simulate(() => answer(200, '', [], 10), {
    ...doing({ steps: [step('/a', { think: [20, 20] }), step('/b')] }),
    limit: forRequests(20),
    thresholds: [
      'iterations.p99 < 45ms',
      'iterations.max < 30ms',
      'iterations.failed == 0',
      'iterations.rate > 20/s',
    ].map(of),
  });
  expect(result.thresholds.map(({ holds }) => holds)).toEqual([true, false, true, true]);
});

describe('what is expected of a response', () => {
  const orders: Server = ({ method, body }) =>
    answer(200, method === 'POST' ? { id: 17, by: body } : { id: 17, by: 'user 1', path: '/orders/17' });
  const expecting = (checks: LoadCheck[], server = orders) =>
    simulate(server, {
      ...doing({
        steps: [
          step('/orders', { method: 'POST', captures: [json('id', 'id')] }),
          step('/orders/{{id}}', { checks }),
        ],
      }),
      limit: forRequests(1),
    });

  test('may name values that were captured before, the user, and the iteration', async () => {
    const { result } = await expecting([
      { type: 'json', path: ['id'], value: '{{id}}' },
      { type: 'json', path: ['path'], value: '/orders/{{id}}' },
      { type: 'body', match: { type: 'contains', text: '"user {{user}}"' } },
      {
        type: 'body',
        match: { type: 'equals', text: '{"id":{{id}},"by":"user {{counter}}","path":"/orders/{{id}}"}' },
      },
    ]);
    expect(result.failures).toEqual([]);
    expect(result.verdict).toBe('passed');
  });

  test.each<[string, LoadCheck, string]>([
    [
      'another value in JSON',
      { type: 'json', path: ['id'], value: '{{user}}' },
      String.raw`answered with JSON that has "17" at id, expected "\"1\""`,
    ],
    [
      'another text',
      { type: 'body', match: { type: 'contains', text: 'user {{id}}' } },
      'answered with a body without "user 17"',
    ],
    [
      'another header',
      { type: 'header', name: 'x-id', match: { type: 'equals', text: '{{id}}' } },
      'answered without the header x-id',
    ],
  ])('fails with %s', async (_, check, message) => {
    const { result } = await expecting([check]);
    expect(result.failures[0]?.message).toContain(message);
    expect(result.verdict).toBe('failed');
  });
});
