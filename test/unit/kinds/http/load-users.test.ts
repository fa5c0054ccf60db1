/** Which faults a proof tries on a load whose users log in first. */
import { expect, test } from 'vitest';
import type { HttpFault } from '../../../../src/core/http-fault.ts';
import { loadClaims } from '../../../../src/kinds/http/load-claims.ts';
import { buildLoad, nameInConfig } from '../../../../src/load/options/index.ts';
import type { LoadOptions } from '../../../../src/load/options/options.ts';

const login = { post: '/login', capture: { token: 'json:token' } };

const LISTED: LoadOptions['steps'] = [
  { name: 'create', post: '/orders', capture: { id: 'json:id' } },
  { name: 'read', get: '/orders/{{id}}' },
];

function claimsOf(thresholds: readonly string[], steps: LoadOptions['steps'] = LISTED) {
  const tell = ({ message }: { message: string }) => expect.unreachable(message);
  const load = buildLoad(
    {
      kind: 'load',
      before: login,
      ...(steps === undefined ? {} : { steps }),
      onStatus: { 401: login },
    },
    { texts: thresholds, tell },
    { nameOf: nameInConfig, folder: '/', tell },
  );
  const put = (fault: HttpFault) => ({ sabotage: fault, reach: undefined }) as never;
  const client = { type: 'load', load } as never;
  return loadClaims({ client } as never, { answers: 1000, durationMs: 1000 }, put);
}

const faultsOf = (thresholds: readonly string[]) =>
  claimsOf(thresholds).faults as never as {
    subject: string;
    sabotage: HttpFault;
    isNoticed: (finding: { code: string }) => boolean;
  }[];

test('each request is tried once, and none that is sent on a status only', () => {
  expect(faultsOf([]).map(({ subject, sabotage }) => [subject, sabotage.match])).toEqual([
    ['POST /login', { method: 'POST', path: '/login' }],
    ['create', { method: 'POST', path: '/orders' }],
    ['read', { method: 'GET' }],
  ]);
});

test('a check of a login has noticed it when nobody gets in, a check of a step has not', () => {
  const [ofLogin, ofStep] = faultsOf([]);
  expect(ofLogin?.isNoticed({ code: 'zero-work' })).toBe(true);
  expect(ofStep?.isNoticed({ code: 'zero-work' })).toBe(false);
  expect(ofStep?.isNoticed({ code: 'unexpected-response' })).toBe(true);
});

test('a threshold on failures is tried after the login', () => {
  const [all, one] = faultsOf(['errors == 0', 'errors{read} == 0']);
  expect(all?.sabotage).toMatchObject({ type: 'status', match: { method: 'POST', path: '/orders' } });
  expect(one?.sabotage).toMatchObject({ type: 'status', match: { method: 'GET' } });
});

test('of a function of steps, only what does not depend on which requests it makes is tried', () => {
  const { faults, unreachable } = claimsOf(['errors == 0', 'p99{read} < 50ms', 'p99 < 50ms'], () => null);
  expect(faults.map(({ subject }) => subject)).toEqual(['p99 < 50ms', 'POST /login']);
  expect(unreachable.map(({ subject }) => subject)).toEqual(['errors == 0', 'p99{read} < 50ms']);
});
