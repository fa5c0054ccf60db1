/** What is said of users in a config, and what is wrong with it ahead of the load. */

import { safeParse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { buildLoadPlan, nameInConfig, type WordsBesideUrl } from '../../../../src/load/options/index.ts';
import { LoadSchema } from '../../../../src/load/options/options.ts';

function plan(words: WordsBesideUrl, thresholds: readonly string[] = []) {
  const problems: string[] = [];
  expect(safeParse(LoadSchema, { ...words, kind: 'load' }).issues).toBeUndefined();
  const built = buildLoadPlan('http://localhost:1/', words, thresholds, {
    nameOf: nameInConfig,
    folder: '/',
    tell: ({ message, hint }) => problems.push(hint === undefined ? message : `${message} (${hint})`),
  });
  return { problems, built };
}

const login = { post: '/login', json: { name: 'u{{user}}' }, capture: { token: 'json:token' } };
const create = { name: 'create', post: '/orders', capture: { id: 'json:order.id' } };
const read = { get: '/orders/{{id}}', headers: { Authorization: 'Bearer {{token}}' } };

test('steps become requests, and an order of them', () => {
  const { built, problems } = plan({
    before: login,
    steps: [create, { ...read, think: '1s' }],
    onStatus: { 401: login },
    think: ['20ms', '80ms'],
    users: 30,
    connections: 10,
  });
  expect(problems).toEqual([]);
  expect(built?.requests.map(({ name, captures }) => [name, captures?.map((each) => each.name)])).toEqual([
    ['POST /login', ['token']],
    ['create', ['id']],
    ['GET /orders/{{id}}', undefined],
    ['POST /login', ['token']],
  ]);
  expect(built?.scenario).toEqual({
    users: 30,
    before: [{ request: 0, think: [0, 0] }],
    order: 'sequence',
    steps: [
      { request: 1, think: [20, 80] },
      { request: 2, think: [1000, 1000] },
    ],
    onStatus: [{ status: 401, steps: [{ request: 3, think: [0, 0] }] }],
  });
  expect(built?.model).toMatchObject({ type: 'closed', connections: 10 });
  expect(built?.target.url).toBe('http://localhost:1');
});

test('every form of a capture', () => {
  const capture = {
    a: 'json:user.roles.0',
    b: 'header:X-CSRF',
    c: 'cookie:sid',
    d: /name="t" value="([^"]+)"/i,
    e: { regex: 'x(.)' },
  };
  const { built, problems } = plan({ steps: [{ get: '/', capture }] });
  expect(problems).toEqual([]);
  expect(built?.requests[0].captures?.map(({ from }) => from)).toEqual([
    { type: 'json', path: ['user', 'roles', 0] },
    { type: 'header', name: 'X-CSRF' },
    { type: 'cookie', name: 'sid' },
    { type: 'regex', source: 'name="t" value="([^"]+)"', flags: 'i' },
    { type: 'regex', source: 'x(.)', flags: '' },
  ]);
});

describe('how many users and connections there are', () => {
  test.for([
    [{}, 10, 10],
    [{ users: 50 }, 50, 50],
    [{ connections: 4 }, 4, 4],
    [{ users: 50, connections: 4 }, 50, 4],
    [{ rate: 100 }, 100, 100],
    [{ rate: 100, users: 20 }, 20, 20],
    [{ stages: [{ duration: '1s', to: 25 }] }, 25, 25],
    [{ stages: [{ duration: '1s', to: 25 }], connections: 5 }, 25, 5],
    [{ http2: true, streams: 10, users: 50 }, 50, 5],
    [{ http2: true, streams: 10, connections: 3 }, 30, 3],
  ] as const)('%j', ([words, users, connections]) => {
    const { built, problems } = plan({ ...words, steps: [{ get: '/' }] });
    expect(problems).toEqual([]);
    expect([built?.scenario?.users, built?.model.connections]).toEqual([users, connections]);
  });
});

describe('what is wrong is said ahead of the load:', () => {
  test.for<readonly [string, WordsBesideUrl, string]>([
    [
      'steps beside other requests',
      { steps: [create], mix: [{ get: '/' }] },
      '`steps` and `mix` contradict each other',
    ],
    ['steps beside a body', { steps: [create], body: 'x' }, '`steps` and `body` contradict each other'],
    ['users without steps', { users: 3 }, '`users` needs `steps`'],
    ['a login without steps', { before: login }, '`before` needs `steps`'],
    ['pipelining', { steps: [create], pipelining: 4 }, '`steps` and `pipelining` contradict each other'],
    ['a status that is none', { steps: [create], onStatus: { '4xx': login } }, '"4xx" is not a status'],
    ['a step without a path', { steps: [{ name: 'x' }] }, 'a request needs a path'],
    [
      'a slip in a name',
      { before: login, steps: [create, { get: '/orders/{{idd}}' }] },
      '{{idd}} is neither captured nor a column (did you mean {{id}}? captured before it: token, id; there is no `data`)',
    ],
    [
      'a value that comes later',
      { steps: [{ get: '/orders/{{id}}' }, create] },
      '{{id}} is not known here: `steps[1]` captures it, which comes later or not always',
    ],
    [
      'what is expected by a slip in a name',
      { before: login, steps: [create, { get: '/o', expect: { json: { 'order.id': '{{idd}}' } } }] },
      '{{idd}} is neither captured nor a column (did you mean {{id}}?',
    ],
    [
      'what is expected of every step, where not every step knows it',
      { steps: [create, { get: '/o' }], expect: { body: 'order {{id}}' } },
      '{{id}} is not known here: `steps[0]` captures it',
    ],
    [
      'a value of another step, where one is drawn',
      {
        steps: [
          { ...create, weight: 1 },
          { get: '/orders/{{id}}', weight: 9 },
        ],
      },
      '{{id}} is not known here: `steps[0]` captures it',
    ],
    [
      'an iteration before there is one',
      { before: { get: '/{{counter}}' }, steps: [create] },
      '{{counter}} is the number of an iteration, and there is none yet',
    ],
    [
      'a capture from nowhere',
      { steps: [{ get: '/', capture: { id: 'jsn:id' } }] },
      '"jsn:id" does not say where the value is',
    ],
    [
      'a capture without a header',
      { steps: [{ get: '/', capture: { id: 'header:' } }] },
      '"" is not the name of a header',
    ],
    [
      'a broken expression',
      { steps: [{ get: '/', capture: { id: { regex: '(' } } }] },
      'Invalid regular expression',
    ],
    [
      'a name that is taken',
      { steps: [{ get: '/', capture: { user: 'json:id' } }] },
      '{{user}} is the number of the user',
    ],
    ['a name with braces', { steps: [{ get: '/', capture: { '{id}': 'json:id' } }] }, 'a name has no braces'],
    [
      'a pause that ends before it begins',
      { steps: [create], think: ['80ms', '20ms'] },
      'the shortest pause comes first',
    ],
  ])('%s', ([, words, message]) => {
    expect(plan(words).problems).toEqual([expect.stringContaining(message)]);
  });

  test('a capture that nobody uses is fine', () => {
    expect(plan({ steps: [create] }).problems).toEqual([]);
  });
});
