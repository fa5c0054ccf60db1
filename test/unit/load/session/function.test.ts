/** Steps by a function, on the virtual network: whatever it does, only its iteration ends, and nothing is miscounted. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LoadPlan, LoadResult } from '../../../../src/core/load.ts';
import type { LoadLastResponse } from '../../../../src/core/load-scenario.ts';
import { buildLoadPlan, nameInConfig, type WordsBesideUrl } from '../../../../src/load/options/index.ts';
import { generalName } from '../../../../src/load/options/next.ts';
import type { LoadStepsFunction } from '../../../../src/load/options/options.ts';
import { type Asked, answer, type Server, silence, simulate } from './world.ts';

vi.mock(import('../../../../src/load/engine/socket.ts'), async (original) => ({
  ...(await original()),
  connector: vi.fn(),
}));

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function planned(words: WordsBesideUrl, thresholds: readonly string[] = []) {
  const problems: string[] = [];
  const plan = buildLoadPlan('http://127.0.0.1:1/', words, thresholds, {
    nameOf: nameInConfig,
    folder: process.cwd(),
    tell: ({ message }) => problems.push(message),
  }) as LoadPlan;
  return { plan, problems };
}

async function simulated(server: Server, words: WordsBesideUrl, thresholds: readonly string[] = []) {
  const { plan, problems } = planned({ connections: 1, ...words }, thresholds);
  expect(problems).toEqual([]);
  const seen = await simulate(server, plan);
  addsUp(seen.result);
  return seen;
}

/** The numbers of the names are the whole, but for what came of no request. */
function addsUp({ byName, counts, latencyUs, bytes }: LoadResult): void {
  const load = byName.filter(({ part }) => part === 'load');
  const sum = (of: (each: (typeof load)[number]) => number): number =>
    load.reduce((total, each) => total + of(each), 0);
  for (const key of ['scheduled', 'completed', 'failed', 'timedOut', 'inFlightAtEnd', 'neverSent'] as const)
    expect(sum((each) => each.counts[key])).toBe(counts[key]);
  expect(sum((each) => each.latencyUs.service?.count ?? 0)).toBe(latencyUs.service?.count ?? 0);
  expect(sum((each) => each.bytes.sent)).toBe(bytes.sent);
}

const ok: Server = () => answer(200, 'ok');
const paths = (asked: readonly Asked[]): string[] => asked.map(({ method, path }) => `${method} ${path}`);
const broken = ({ findings }: LoadResult) => findings.filter(({ code }) => code === 'steps-broken');
const asAny = (steps: unknown): LoadStepsFunction => steps as LoadStepsFunction;

describe('a function', () => {
  test('sees the last response and the user, and says what comes next until it says null', async () => {
    const seen: unknown[] = [];
    const { result, asked } = await simulated(
      ({ path }) =>
        path === '/login'
          ? answer(200, { t: 'T1' })
          : answer(200, { next: 17 }, ['X-A: b', 'Set-Cookie: s=1']),
      {
        before: { post: '/login', capture: { t: 'json:t' } },
        headers: { Accept: 'text/x' },
        requests: 2,
        steps: (last, user) => {
          if (last === null) return { post: '/orders', json: { t: user.values.t } };
          seen.push([last.name, last.status, last.header('x-a'), last.text(), user.number, user.iteration]);
          if (last.name !== 'POST /orders') return null;
          return {
            get: `/orders/${(last.json() as { next: number }).next}?a=1`,
            headers: { 'X-U': '{{t}}' },
          };
        },
      },
    );
    expect(paths(asked)).toEqual([
      ...['POST /login', 'POST /orders', 'GET /orders/17?a=1', 'POST /orders', 'GET /orders/17?a=1'],
    ]);
    expect(asked[1]).toMatchObject({ body: '{"t":"T1"}', headers: { accept: 'text/x' } });
    expect(asked[2]?.headers).toMatchObject({
      cookie: 's=1',
      'x-u': '{{t}}',
      'user-agent': 'shakedown-load/0',
    });
    expect(seen.slice(0, 2)).toEqual([
      ['POST /orders', 200, 'b', '{"next":17}', 1, 1],
      ['GET /orders/{id}', 200, 'b', '{"next":17}', 1, 1],
    ]);
    expect(seen[2]).toMatchObject({ 5: 2 });
    expect(result.byName.map(({ name, part, counts }) => [name, part, counts.completed])).toEqual([
      ['POST /login', 'before', 1],
      ['POST /orders', 'load', 2],
      ['GET /orders/{id}', 'load', 2],
    ]);
    expect(result.iterations).toMatchObject({ scheduled: 2, completed: 2 });
    expect(result.verdict).toBe('passed');
  });

  test('pauses, and does on a status what it is told to, and then its request again', async () => {
    let logins = 0;
    const { result, asked } = await simulated(
      ({ path }) => {
        if (path === '/login') logins += 1;
        return path === '/login' || logins > 0 ? answer(200, 'ok') : answer(401, '');
      },
      {
        onStatus: { 401: { post: '/login' } },
        think: '40ms',
        requests: 1,
        steps: (last) => (last?.name === 'GET /b' ? null : { get: last === null ? '/a' : '/b' }),
      },
    );
    expect(paths(asked)).toEqual(['GET /a', 'POST /login', 'GET /a', 'GET /b']);
    expect(Math.round((asked[3]?.at ?? 0) - (asked[2]?.at ?? 0))).toBe(41);
    expect(result.iterations).toMatchObject({ completed: 1, failed: 0 });
  });

  test('is not asked after a failure, which ends the iteration', async () => {
    const steps = vi.fn<LoadStepsFunction>((last) => (last === null ? { get: '/a' } : null));
    const { result } = await simulated(() => answer(500, ''), { requests: 3, steps });
    expect(steps.mock.calls.map(([last]) => last)).toEqual([null, null, null]);
    expect(result.iterations).toMatchObject({ failed: 3 });
    expect(result.failures[0]?.message).toBe('GET /a answered 500, expected 200–299');
    expect(broken(result)).toEqual([]);
  });

  test('has its own checks held against the answer, with braces as they are', async () => {
    const { result } = await simulated(() => answer(201, { a: '{{x}}' }), {
      requests: 2,
      expect: { status: 204 },
      steps: (last, { iteration }) =>
        last === null
          ? { get: '/a', expect: { status: 201, json: { a: iteration === 1 ? '{{x}}' : '{{y}}' } } }
          : null,
    });
    expect(result.iterations).toMatchObject({ completed: 1, failed: 1 });
    expect(result.failures[0]?.message).toContain('{{x}}');
  });

  test('iterations under way at the end are no failures, however long they would go on', async () => {
    const { result } = await simulated(() => answer(200, 'ok', [], 30), {
      users: 3,
      connections: 3,
      duration: '2500ms',
      steps: () => ({ get: '/a' }),
    });
    expect(result.iterations).toMatchObject({ scheduled: 3, inFlightAtEnd: 3, failed: 0 });
    expect(result.counts.completed).toBeGreaterThan(200);
    expect(broken(result)).toEqual([]);
  });

  test('with a rate, iterations begin when they are due, and those that cannot are no requests', async () => {
    const { result } = await simulated(ok, {
      rate: 100,
      connections: 50,
      duration: '1s',
      steps: (last, { iteration }) => {
        if (iteration % 2 === 0) throw new Error('even');
        return last === null ? { get: '/a' } : null;
      },
    });
    expect(result.iterations).toMatchObject({ scheduled: 100, completed: 50, failed: 50 });
    expect(result.counts).toMatchObject({ scheduled: 50, completed: 50, neverSent: 0 });
    expect(broken(result)).toMatchObject([{ count: 50 }]);
  });
});

describe('names', () => {
  test('stand for all paths that differ in identifiers only', () => {
    const named = [
      ['/orders/17', '/orders/{id}'],
      ['/orders/17/items/0?x=1', '/orders/{id}/items/{id}'],
      ['/u/123e4567-e89b-12d3-a456-426614174000', '/u/{id}'],
      ['/blob/9f86d081884c7d65', '/blob/{id}'],
      ['/t/eyJhbGciOiJIUzI1NiJ9_x', '/t/{id}'],
      ['/v2/cafe/feedback/a-rather-long-name-of-a-page', '/v2/cafe/feedback/a-rather-long-name-of-a-page'],
    ] as const;
    for (const [path, name] of named) expect(generalName('GET', path)).toBe(`GET ${name}`);
  });

  test('beyond a hundred are counted together, and all add up exactly, window by window', async () => {
    const { result } = await simulated(ok, {
      requests: 3000,
      before: { get: '/before' },
      steps: (last, { iteration }) => (last === null ? { name: `n${iteration % 150}`, get: '/a' } : null),
    });
    const load = result.byName.filter(({ part }) => part === 'load');
    // `before` and what stands for what was not sent have one each.
    expect(load).toHaveLength(99);
    expect(load.at(-1)).toMatchObject({ name: '(others)', counts: { completed: 3000 - 98 * 20 } });
    expect(load.slice(0, -1).every(({ counts }) => counts.completed === 20)).toBe(true);
    expect(result.windows.length).toBeGreaterThan(2);
  });

  test('that come up can be in thresholds', async () => {
    const { result } = await simulated(
      ok,
      { requests: 4, steps: (last) => (last === null ? { get: '/a/1' } : null) },
      ['errors{GET /a/{id}} == 0', 'completed{GET /a/{id}} == 4'],
    );
    expect(result.thresholds.map(({ holds }) => holds)).toEqual([true, true]);
  });
});

describe('what is wrong with what a function does fails its iterations, and is quoted once:', () => {
  const wrongs: readonly (readonly [what: string, made: () => unknown, message: RegExp])[] = [
    [
      'an error',
      () => {
        throw new TypeError('no such thing\nmore');
      },
      /it threw TypeError: no such thing \(test\/unit\/load\/session\/function\.test\.ts:\d+:\d+\)$/,
    ],
    [
      'no error',
      () => {
        throw 'x';
      },
      /it threw x$/,
    ],
    [
      'what cannot be shown',
      () => {
        throw { toString: 1 };
      },
      /cannot be shown/,
    ],
    [
      'a promise',
      async () => {
        throw new Error('late');
      },
      /returned a promise, but must answer at once/,
    ],
    ['nothing', () => undefined, /it returned no request: must be an object of options/],
    ['no path', () => ({}), /a request needs a path/],
    ['a bad path', () => ({ get: 'orders' }), /`get` must be a path that begins with \//],
    ['two methods', () => ({ get: '/', post: '/' }), /contradict each other/],
    ['an unknown word', () => ({ get: '/', capture: {} }), /`capture`/],
    ['a bad method', () => ({ path: '/', method: 'GET / HTTP/1.1\r\nX: y' }), /must be a method in capitals/],
    ['a tunnel', () => ({ path: '/', method: 'CONNECT' }), /CONNECT asks a proxy/],
    ['a line break in a header', () => ({ get: '/', headers: { a: 'b\r\nc: d' } }), /is not a header/],
    ['a header name', () => ({ get: '/', headers: { 'a b': 'c' } }), /is not a header/],
    [
      'a false length',
      () => ({ post: '/', body: 'abc', headers: { 'Content-Length': '1' } }),
      /is not the length/,
    ],
    [
      'a body that JSON cannot hold',
      () => {
        const loop: unknown[] = [];
        loop.push(loop);
        return { post: '/', json: loop };
      },
      /RangeError/,
    ],
  ];

  test.each(wrongs)('%s', async (_, made, message) => {
    const { result, asked } = await simulated(ok, {
      requests: 3,
      steps: asAny((last: unknown) => (last === null ? { get: '/first' } : made())),
    });
    expect(paths(asked)).toEqual(['GET /first', 'GET /first', 'GET /first']);
    expect(result.iterations).toMatchObject({ completed: 0, failed: 3 });
    expect(result.counts).toMatchObject({ completed: 3, failed: 0 });
    expect(result.findings).toMatchObject([{ code: 'steps-broken', count: 3 }]);
    expect(result.findings[0]?.message).toMatch(message);
    expect(result.verdict).toBe('failed');
  });

  test('nothing at the beginning, over and over, which does not keep the machine busy', async () => {
    const steps = vi.fn<LoadStepsFunction>(() => null);
    const { result, asked } = await simulated(ok, { duration: '2s', steps });
    expect(asked).toEqual([]);
    expect(steps.mock.calls.length).toBeLessThanOrEqual(21);
    expect(result.counts.scheduled).toBe(0);
    expect(broken(result)[0]?.message).toContain('returned null at the beginning of an iteration');
  });

  test('an iteration without an end, in a load that ends with a number of them', async () => {
    const { result, asked } = await simulated(ok, { requests: 2, steps: () => ({ get: '/a' }) });
    expect(asked).toHaveLength(2000);
    expect(broken(result)[0]?.message).toContain('more than 1000 requests in one iteration');
  });

  test('a response that is read too late', async () => {
    let kept: LoadLastResponse | undefined;
    const { result } = await simulated(ok, {
      requests: 1,
      steps: (last) => {
        if (last === null) return { get: '/1' };
        if (kept !== undefined) return { get: `/${kept.text()}` };
        kept = last;
        return { get: '/2' };
      },
    });
    expect(broken(result)[0]?.message).toContain('the response can only be read while the function runs');
  });

  test('a body that is not JSON', async () => {
    const { result } = await simulated(ok, {
      requests: 1,
      steps: (last) => (last === null ? { get: '/1' } : { get: String(last.json()) }),
    });
    expect(broken(result)[0]?.message).toMatch(
      /the answer to GET \/\{id\} is not JSON: .* \(test\/unit\/load\/session\/function\.test\.ts:\d+:\d+\)$/,
    );
  });
});

test('nothing that a function returns gets beyond its place in a request', async () => {
  const { asked } = await simulated(ok, {
    requests: 1,
    steps: (last) => (last === null ? { get: '/a b\r\nX: y{{\r\nZ: z}}#ü' } : null),
  });
  expect(asked[0]?.path).toBe('/a%20b%0D%0AX:%20y{{%0D%0AZ:%20z}}%23%C3%BC');
  expect(asked[0]?.headers).not.toHaveProperty('x');
  expect(asked[0]?.headers).not.toHaveProperty('z');
});

test('a lost answer is one of its name', async () => {
  const { result } = await simulated(() => silence, {
    requests: 1,
    timeout: '50ms',
    steps: (last) => (last === null ? { get: '/a/17' } : null),
  });
  expect(result.byName).toMatchObject([{ name: 'GET /a/{id}', counts: { timedOut: 1 } }]);
  expect(result.failures[0]?.message).toContain('GET /a/{id}');
});

test('the plan stays data but for the function, which runs in one thread', () => {
  const steps: LoadStepsFunction = () => null;
  const { plan } = planned({ steps });
  expect(JSON.parse(JSON.stringify(plan)).scenario).toMatchObject({ order: 'function' });
  expect(plan.workers).toBe(1);
  expect(planned({ steps, workers: 2 }).problems).toEqual([
    '`workers` 2: a function of `steps` runs in one thread, as it cannot be sent to others',
  ]);
  expect(planned({ steps, headers: { a: '{{user}}' } }).problems).toEqual([
    '`headers.a`: values are not filled into what a function of steps returns',
  ]);
});
