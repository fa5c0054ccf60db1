/** What a failed request of a user shows to whoever reads the result: nothing that would let him in. */
import { afterEach, expect, test, vi } from 'vitest';
import { closed, forRequests } from '../plans.ts';
import { answer, doing, json, type Server, simulate, step } from './world.ts';

vi.mock(import('../../../../src/load/engine/socket.ts'), async (original) => ({
  ...(await original()),
  connector: vi.fn(),
}));

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const TOKEN = 'Zq8kf02mXyP1';
const COOKIE = 'Xk29fjw01nQz';
const CSRF = 'c5Rf-77Ab90Lm';

test('a secret is masked also where it goes on under a name that tells nothing', async () => {
  const { result } = await simulate(
    ({ path, headers, body }) => {
      if (path === '/login')
        return answer(200, { token: TOKEN, csrf: CSRF, id: 'order-17' }, [`Set-Cookie: sid=${COOKIE}`]);
      return answer(500, { seen: { path, at: headers['x-trace'], body, mine: headers.cookie?.slice(4) } });
    },
    {
      ...doing({
        users: 1,
        before: [
          step('/login', {
            captures: [
              json('token', 'token'),
              json('csrf', 'csrf'),
              json('order', 'id'),
              { name: 'mine', from: { type: 'cookie', name: 'sid' } },
            ],
          }),
        ],
        steps: [
          step('/{{order}}/{{token}}', {
            method: 'POST',
            headers: [
              ['X-Trace', '{{token}}'],
              ['X-CSRF', '{{csrf}}'],
            ],
            body: {
              content: '{"t":"{{token}}","c":"{{csrf}}","m":"{{mine}}"}',
              encoding: 'utf8',
              isJson: true,
            },
          }),
        ],
      }),
      model: closed(1),
      limit: forRequests(1),
    },
  );
  const [failure] = result.failures;
  expect(failure?.captured).toEqual({ token: '•••', csrf: '•••', order: 'order-17', mine: '•••' });
  expect(failure?.request).toContain('POST /order-17/••• ');
  expect(failure?.body).toContain('"at":"•••"');
  const all = JSON.stringify([result.failures, result.findings]);
  for (const secret of [TOKEN, COOKIE, CSRF]) expect(all).not.toContain(secret);
});

test('a login that fails is shown without the password and the cookie', async () => {
  const { result } = await simulate(() => answer(401, { no: 1 }, [`Set-Cookie: sid=${COOKIE}`]), {
    ...doing({
      users: 1,
      before: [
        step('/login', {
          method: 'POST',
          body: { content: JSON.stringify({ password: TOKEN }), encoding: 'utf8', isJson: true },
        }),
      ],
      steps: [step('/orders')],
    }),
    model: closed(1),
    limit: forRequests(1),
  });
  const shown = JSON.stringify(result.findings);
  expect(shown).toContain('"evidence"');
  for (const secret of [TOKEN, COOKIE]) expect(shown).not.toContain(secret);
});

const SECRETS = ['hunter2pass', 'q7Xw93kfTz81', 'c5rfZ90vB2mm', 'bearerA1b2C3d4', 'sidJ4k5L6m7'] as const;
const [PASSWORD, ACCESS, FORM, BEARER, SID] = SECRETS;

const server: Server = ({ path }) =>
  path === '/login'
    ? answer(200, { token: ACCESS, id: 17 }, [`Set-Cookie: sid=${SID}; Path=/`, `X-CSRF: ${FORM}`])
    : answer(500, { error: 'out of stock', token: ACCESS }, [`Set-Cookie: sid=${SID}`]);

test('a failed step is kept with the values of its user, secrets masked wherever they stand', async () => {
  const body = { password: PASSWORD, csrf: '{{csrf}}', access_token: '{{token}}', item: 'a chair' };
  const { result, asked } = await simulate(server, {
    ...doing({
      before: [
        step('/login', {
          captures: [
            json('token', 'token'),
            json('id', 'id'),
            { name: 'csrf', from: { type: 'header', name: 'x-csrf' } },
          ],
        }),
      ],
      steps: [
        step('/orders/{{id}}', {
          method: 'POST',
          headers: [
            ['Authorization', `Bearer ${BEARER}`],
            ['X-CSRF-Token', '{{csrf}}'],
          ],
          body: { encoding: 'utf8', content: JSON.stringify(body), isJson: true },
        }),
      ],
    }),
    limit: forRequests(1),
  });
  // They were sent as they are.
  expect(asked[1]?.headers).toMatchObject({ cookie: `sid=${SID}`, 'x-csrf-token': FORM });
  expect(asked[1]?.body).toContain(PASSWORD);
  const [failure] = result.failures;
  expect(failure?.captured).toEqual({ token: '•••', id: '17', csrf: '•••' });
  expect(failure?.request).toContain('POST /orders/17 HTTP/1.1');
  expect(failure?.request).toContain('a chair');
  expect(failure?.body).toContain('out of stock');
  const text = JSON.stringify(result.failures);
  for (const secret of SECRETS) expect(text).not.toContain(secret);
});
