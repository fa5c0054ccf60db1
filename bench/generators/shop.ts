/** The same visits of a shop, asked of Shakedown in three ways and of k6: log in, then order and look at the order. */
import { fileWith, firstNumber, fromJson, type Generator, type Load, shakedownCommand } from './peers.ts';

const K6_SCRIPT = ({ site: { url }, connections, seconds }: Load): string => `
import http from 'k6/http';
import { check } from 'k6';
export const options = { vus: ${connections}, duration: '${seconds}s', noCookiesReset: true };
const json = { headers: { 'Content-Type': 'application/json' } };
let isLoggedIn = false;
export default () => {
  if (!isLoggedIn) {
    check(http.post('${url}/login', '{"user":"ada"}', json), { status: ({ status }) => status === 200 });
    isLoggedIn = true;
  }
  const created = http.post('${url}/orders', '{"item":"anchor"}', json);
  check(created, { status: ({ status }) => status === 201 });
  const id = created.json('id');
  const read = http.get('${url}/orders/' + id);
  check(read, { status: ({ status }) => status === 200, id: ({ body }) => body.includes('"id"') });
};
`;

const CREATE = { post: '/orders', json: { item: 'anchor' }, expect: { status: 201 } };
const READ = { expect: { status: 200, body: '"id"' } };
/** The cookie that a session gets, where there is none. */
const COOKIE = { Cookie: 'session=0123456789abcdef0123456789abcdef' };

/** How much of a load was measured; a failed request spoils it. */
const checkedCount = fromJson(({ counts }) => (counts?.failed === 0 ? counts.checked : Number.NaN));

function shakedown(id: string, title: string, options: object): Generator {
  return {
    id,
    title,
    command: ({ site, connections, seconds }) =>
      shakedownCommand({ url: site.url, connections, duration: `${seconds}s`, ...options }),
    countOf: checkedCount,
  };
}

/** The requests of a session, always the same, under the given names. */
const without = (create: string, read: string): object => ({
  headers: COOKIE,
  mix: [
    { ...CREATE, name: create },
    { ...READ, name: read, get: '/orders/0123456789abcdef0123456789abcdef' },
  ],
});

export const SHOPPERS: readonly Generator[] = [
  shakedown('plain', 'two requests, one name', without('both', 'both')),
  shakedown('named', 'two requests, two names', without('create', 'read')),
  shakedown('session', 'steps, cookie, capture', {
    before: { post: '/login', json: { user: 'ada' } },
    steps: [
      { ...CREATE, capture: { id: 'json:id' } },
      { ...READ, get: '/orders/{{id}}' },
    ],
  }),
];

/** The same session in k6. */
export const K6_SHOPPER: Generator = {
  id: 'k6',
  title: 'k6, the same',
  command: (load) => [
    ...(['k6', 'run', '--quiet', '--no-usage-report'] as const),
    fileWith(load, 'shop.js', K6_SCRIPT(load)),
  ],
  countOf: firstNumber(/http_reqs\.*: (\d+)/),
};
