/** `shakedown new --har`: what a browser recorded becomes the steps of a load, which are tried and then run. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { har, SITE } from '../unit/starter/har/recorder.ts';

const CONFIG = 'shakedown.config.ts';
const PASSWORD = 'tea at five';

/** It wants the token of its form, its cookie, and ids that it has given away. */
const SERVER = `
const { randomUUID } = require('node:crypto');
const { createServer } = require('node:http');
const { text } = require('node:stream/consumers');
const sessions = new Map();
const orders = new Set();
function answer({ method, url, headers }, body) {
  const session = /sid=([\\w-]+)/.exec(headers.cookie || '')?.[1];
  if (url === '/login' && method === 'GET') {
    const [sid, csrf] = [randomUUID(), randomUUID()];
    sessions.set(sid, { csrf, isIn: false });
    return [200, '<form><input type="hidden" name="_csrf" value="' + csrf + '"></form>', { 'set-cookie': 'sid=' + sid + '; Path=/; HttpOnly' }];
  }
  const user = sessions.get(session);
  if (user === undefined) return [401, 'no session'];
  if (url === '/login') {
    const form = new URLSearchParams(body);
    user.isIn = form.get('_csrf') === user.csrf && form.get('password') === '${PASSWORD}';
    return user.isIn ? [302, 'Found. Redirecting to /', { location: '/' }] : [403, 'wrong'];
  }
  if (!user.isIn) return [401, 'not logged in'];
  if (url === '/') return [200, '<p>hello</p>'];
  if (url === '/orders' && method === 'POST') {
    orders.add(orders.size + 1);
    return [201, JSON.stringify({ order: { id: orders.size } }), { 'content-type': 'application/json' }];
  }
  const id = Number(url === '/payments' ? JSON.parse(body).orderId : url.split('/')[2]);
  const isThere = orders.has(id) && (url !== '/payments' || body === JSON.stringify({ orderId: id }));
  return [isThere ? 200 : 404, JSON.stringify({ id }), { 'content-type': 'application/json' }];
}
createServer(async (request, response) => {
  const [status, body, headers = { 'content-type': 'text/html' }] = answer(request, await text(request));
  response.writeHead(status, headers).end(body);
}).listen(process.env.PORT);
`;

const CSRF = randomUUID();
const RECORDED = har(
  {
    ...{ url: '/login', answer: `<form><input type="hidden" name="_csrf" value="${CSRF}"></form>` },
    answerHeaders: { 'Set-Cookie': 'sid=5b0b2a4e-recorded; Path=/; HttpOnly' },
  },
  {
    ...{
      url: '/login',
      form: `name=ada&_csrf=${CSRF}&password=${PASSWORD.replaceAll(' ', '+')}`,
      status: 302,
    },
    ...{ answer: 'Found. Redirecting to /', answerHeaders: { Location: '/' } },
  },
  {
    url: '/',
    answer: '<p>hello</p>',
    headers: { Cookie: 'sid=5b0b2a4e-recorded', Referer: `${SITE}/login` },
  },
  { url: '/app.css', type: 'text/css' },
  { url: '/orders', json: { item: 'a `tea` ${1} {{x}}' }, status: 201, answer: { order: { id: 1 } } },
  { url: '/orders/1', answer: { id: 1 } },
  { url: '/payments', json: { orderId: 1 }, answer: { id: 1 } },
  { url: 'http://stats.test/hit', answer: {} },
);

const project = (rig: Rig): void => {
  rig.write(
    'package.json',
    JSON.stringify({ name: 'shop', private: true, scripts: { start: 'node server.js' } }),
  );
  rig.write('server.js', SERVER);
  rig.write('session.har', RECORDED);
};

test('the steps are tried, written without the password, and run against other sessions and ids', async () => {
  await using rig = await Rig.create();
  project(rig);
  const { code, stdout, stderr } = await rig.run(['new', '--har', 'session.har'], { PASSWORD });
  expect(stdout, stderr).toContain(
    `recorded  session.har: 8 requests; 6 steps at ${SITE}, of which the first 3 log in
left out  1 static file, 1 to other servers (stats.test)
captured  {{csrf}} from get-login, {{orderId}} from create-order (a guess)`,
  );
  expect(stdout).toMatch(/saw {7}http passed in .*\nwrote {5}shakedown.config.ts; next: shakedown\n$/);
  expect(code).toBe(0);
  const config = rig.read(CONFIG);
  for (const secret of ['tea at', 'tea+at', CSRF, '5b0b2a4e']) expect(config + stdout).not.toContain(secret);
  const run = await rig.run([], { PASSWORD });
  expect(run.code, run.stdout).toBe(0);
  const wrong = await rig.run([], { PASSWORD: 'coffee' });
  expect(wrong.stdout).toContain('403');
  expect(wrong.code).toBe(1);
});

test('without the password nothing is tried but the server; it says what to set', async () => {
  await using rig = await Rig.create();
  project(rig);
  const { code, stdout } = await rig.run(['new', '--har', 'session.har']);
  expect(stdout).toMatch(
    /saw {7}ready after .*\nwrote {5}shakedown.config.ts; next: PASSWORD=… shakedown\n$/,
  );
  expect(code).toBe(0);
});

test('what is no recording, or none to repeat, is a mistake, and nothing is written', async () => {
  await using rig = await Rig.create();
  project(rig);
  rig.write('page.har', '<html>');
  for (const [file, message] of [
    ['page.har', '--har: page.har: it is not JSON'],
    ['missing.har', '--har: missing.har cannot be read'],
    ['.', '--har: . is no file'],
  ] as const) {
    const { code, stdout, stderr } = await rig.run(['new', '--har', file]);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, '']);
  }
  expect([rig.exists(CONFIG), rig.exists('.shakedown')]).toEqual([false, false]);
  const { code, stdout } = await rig.run(['new', '--har', 'session.har', '--dry-run']);
  expect(stdout).toMatch(/^import \{ defineSuite, http, load \} /);
  expect([code, rig.exists(CONFIG)]).toEqual([0, false]);
});
