/** What a failed request of a user shows to whoever reads the result: nothing that would let him in. */
import { afterEach, expect, test, vi } from 'vitest';
import { closed, forRequests } from '../plans.ts';
import { answer, doing, json, simulate, step } from './world.ts';

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
