/** Which requests of a recording become steps, what is filled in, and what stays out of the config. */
import { expect, test } from 'vitest';
import { readRecording } from '../../../../src/starter/har/recording.ts';
import { configText } from '../../../../src/starter/write.ts';
import { stepsOf } from './player.ts';
import { configOf, type Entry, har, proposalOf, recordingOf, SITE } from './recorder.ts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJl';
const LOGIN: Entry = {
  ...{ url: '/login', json: { name: 'ada', password: 'hunter2-7' } },
  answer: { token: 'tok_8271635482' },
};
const BEARER = { Authorization: 'Bearer tok_8271635482' };

const stepsIn = (...entries: Entry[]) => stepsOf(proposalOf(recordingOf(...entries)));
const names = (...entries: Entry[]): unknown[] => recordingOf(...entries).steps.map(({ name }) => name);
const capturesIn = (...entries: Entry[]) => {
  const { before, steps } = recordingOf(...entries);
  return [...before, ...steps].flatMap(({ captures }) =>
    captures.map(({ name, source }) => [name, String(source)]),
  );
};

test.each<[string, Entry]>([
  ['1 static file', { url: '/app.js', type: 'text/javascript' }],
  ['1 static file', { url: '/font', type: 'font/woff2' }],
  ['1 static file', { url: '/logo.png?v=3', type: '' }],
  ['1 static file', { url: '/theme', type: '', more: { _resourceType: 'stylesheet' } }],
  ['1 preflight', { url: '/items', method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'POST' } }],
  ['1 WebSocket', { url: 'ws://shop.test:3000/live', status: 101 }],
  ['1 event stream', { url: '/events', type: 'text/event-stream' }],
  ['1 request that is not HTTP', { url: 'data:text/plain,hello' }],
  ['1 request that is not HTTP', { url: 'chrome-extension://abc/x.html' }],
  ['1 request without a response', { url: '/items', status: 0 }],
  ['1 response from the cache', { url: '/items', answer: [], more: { _fromCache: 'memory' } }],
  ['1 response with an error of the server', { url: '/items', status: 503 }],
  [
    '1 upload of a file',
    {
      url: '/photos',
      post: {
        mimeType: 'multipart/form-data; boundary=x',
        text: '--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\nx\r\n--x--',
      },
    },
  ],
  ['1 upload of a file', { url: '/photos', post: { mimeType: 'application/octet-stream' } }],
  [
    '1 body with {{…}}, which would be filled in',
    { url: '/xml', post: { mimeType: 'text/xml', text: '<a>{{b}}</a>' } },
  ],
  ['1 to other servers (cdn.test)', { url: 'http://cdn.test/data.json', answer: {} }],
  ['1 entry that is no request', { url: 'http://' }],
  ['1 entry that is no request', { url: '/x', method: 'GET / HTTP/1.1\r\nX: ' }],
])('is left out: %s', (reason, entry) => {
  const recording = recordingOf({ url: '/', answer: '<p>' }, entry, { url: '/b', answer: {} });
  expect(recording.left).toEqual([reason]);
  expect(recording.steps.length).toBe(2);
});

test('the server with the most requests, among those of the site that was visited', () => {
  const counted = Array.from({ length: 5 }, () => ({ url: 'https://stats.test/hit', answer: {} }));
  const { origin, left } = recordingOf(
    { url: 'https://app.shop.test/', answer: '<p>' },
    { url: 'https://api.shop.test/a', answer: {} },
    { url: 'https://api.shop.test/b', answer: {} },
    ...counted,
  );
  expect(origin).toBe('https://api.shop.test');
  expect(left).toEqual(['6 to other servers (stats.test 5, app.shop.test 1)']);
});

test('a redirect is a step of its own, and a condition is not repeated', () => {
  const { steps } = stepsIn(
    { url: '/old', status: 302, answerHeaders: { location: '/new' }, type: '' },
    { url: '/new', status: 304, headers: { 'If-None-Match': '"1"' }, type: 'application/json' },
  );
  expect(steps).toEqual([
    { name: 'get-old', get: '/old', expect: { status: 302 } },
    { name: 'get-new', get: '/new' },
  ]);
});

test('headers of the browser and the connection are left out, and those of the request are kept', () => {
  const { steps } = stepsIn({
    ...{ url: '/a', json: { a: 1 } },
    headers: {
      ...{
        ':method': 'POST',
        Host: 'x',
        Connection: 'keep-alive',
        Cookie: 'a=b',
        'User-Agent': 'x',
        Accept: '*/*',
      },
      ...{
        'sec-fetch-mode': 'cors',
        Origin: SITE,
        Referer: SITE,
        'Content-Length': '7',
        'Accept-Language': 'en',
      },
      ...{
        'Content-Type': 'application/json',
        'X-Tenant': 'blue',
        'X-Bad': 'line\r\nbreak',
        'Bad name': 'x',
        traceparent: '00-1',
      },
      ...{ Prefer: 'return=minimal', 'If-Match': '"stale"' },
    },
  });
  expect(steps[0]?.headers).toEqual({ 'X-Tenant': 'blue', Prefer: 'return=minimal' });
});

test('a form is a body with its type; so is what is no JSON', () => {
  const { steps } = stepsIn(
    { url: '/a', form: 'name=Ada+L&x={{y}}' },
    {
      url: '/b',
      post: { mimeType: 'application/x-www-form-urlencoded', params: [{ name: 'q', value: 'a b&c' }] },
    },
    { url: '/c', post: { mimeType: 'application/xml', text: '<a>1</a>' } },
    { url: '/d', post: { mimeType: 'application/vnd.api+json', text: '{"a":1}' } },
  );
  expect(steps.map(({ headers, body, json }) => [headers, body ?? json])).toEqual([
    [{ 'Content-Type': 'application/x-www-form-urlencoded' }, 'name=Ada+L&x=%7B%7By%7D%7D'],
    [{ 'Content-Type': 'application/x-www-form-urlencoded' }, 'q=a+b%26c'],
    [{ 'Content-Type': 'application/xml' }, '<a>1</a>'],
    [{ 'Content-Type': 'application/vnd.api+json' }, { a: 1 }],
  ]);
});

test('a token of the login goes into the header of each request', () => {
  const { before, steps } = stepsIn(LOGIN, { url: '/me', headers: BEARER, answer: {} });
  expect(before[0]?.capture).toEqual({ token: 'json:token' });
  expect(steps[0]?.headers).toEqual({ Authorization: 'Bearer {{token}}' });
});

test('where a value may be from', () => {
  const page = `<input type='hidden' name='_csrf' value='f-9182736455'><input value="k-8273645546" name="key" type="hidden">
    <meta name="build" content="b-11223344"><a href="/posts/hello-2026">`;
  const entries: Entry[] = [
    {
      url: '/',
      answer: page,
      answerHeaders: { 'X-Request-Token': 'h-123456789', 'Set-Cookie': 'XSRF=c-987654321; Path=/' },
    },
    {
      url: '/a',
      headers: { 'X-CSRF': 'f-9182736455', 'X-Key': 'k-8273645546', 'X-Xsrf': 'c-987654321' },
      answer: { list: [{ uuid: 'u-0011223344' }] },
    },
    { url: '/b/u-0011223344?build=b-11223344', answer: {} },
    { url: '/c', form: 'token=h-123456789' },
    { url: '/posts/hello-2026', answer: '<p>' },
  ];
  expect(capturesIn(...entries)).toEqual([
    ['csrf', "/name='_csrf'[^<>]*value='([^']+)'/"],
    ['key', '/value="([^"]+)"[^<>]*name="key"/'],
    ['xsrf', 'cookie:XSRF'],
    ['build', '/name="build"[^<>]*content="([^"]+)"/'],
    ['requestToken', 'header:x-request-token'],
    ['postId', '/"\\/posts\\/([^"/?#]+)/'],
    ['aUuid', 'json:list.0.uuid'],
  ]);
});

test('what a redirect leads to, if its body says so', () => {
  const entries: Entry[] = [
    {
      url: '/orders',
      form: 'sku=tea',
      status: 303,
      answerHeaders: { Location: '/orders/17' },
      answer: 'See Other. Redirecting to /orders/17',
    },
    { url: '/orders/17', answer: '<p>' },
  ];
  expect(capturesIn(...entries)).toEqual([['orderId', '/\\/orders\\/([^"\'/?#\\s<>]+)/']]);
  expect(stepsIn(...entries).steps[1]?.get).toBe('/orders/{{orderId}}');
});

test('a short value flows only between names of the same thing', () => {
  const made: Entry = {
    url: '/orders',
    json: { count: 7 },
    status: 201,
    answer: { id: 7, count: 7, page: 2 },
  };
  const after = (url: string): unknown => stepsIn(made, { url, answer: {} }).steps[1]?.get;
  expect(after('/orders/7')).toBe('/orders/{{orderId}}');
  expect(after('/search?order_id=7')).toBe('/search?order_id={{orderId}}');
  expect(after('/users/7')).toBe('/users/7');
  expect(after('/orders?page=2')).toBe('/orders?page=2');
  expect(after('/search?count=7')).toBe('/search?count=7');
});

test('what the user chose is no value of the response that repeats it', () => {
  const sku = 'TEA-20394857';
  const { steps } = stepsIn(
    { url: '/orders', json: { sku }, answer: { id: 'o-99887766', sku } },
    { url: '/stock', json: { sku, order: 'o-99887766' }, answer: {} },
  );
  expect(steps[1]?.json).toEqual({ sku, order: '{{orderId}}' });
});

test('the response that made a value up gives it, not the list that repeats it', () => {
  const entries: Entry[] = [
    { url: '/orders', method: 'POST', status: 201, answer: { id: 'o-99887766' } },
    { url: '/orders', answer: [{ id: 'o-1' }, { id: 'o-99887766' }] },
    { url: '/orders/o-99887766', answer: {} },
  ];
  expect(capturesIn(...entries)).toEqual([['orderId', 'json:id']]);
});

test('a number stays a number, and a text a text, whatever the response had', () => {
  const made: Entry = {
    url: '/orders',
    method: 'POST',
    status: 201,
    answer: { id: 12345678, ref: '87654321' },
  };
  const sent = (json: unknown): unknown => {
    const [, step] = stepsIn(made, { url: '/pay', json }).steps;
    return step?.json ?? step?.body;
  };
  expect(sent({ orderId: 12345678 })).toEqual({ orderId: '{{orderId}}' });
  expect(sent({ ref: '87654321' })).toEqual({ ref: '{{orderRef}}' });
  expect(sent({ orderId: '12345678', n: 1 })).toBe('{"orderId":"{{orderId}}","n":1}');
  expect(sent({ ref: 87654321 })).toBe('{"ref":{{orderRef}}}');
});

test('braces of a name, which those of the objects around it would close, are no placeholder', () => {
  const { steps } = stepsIn(
    { url: '/start', method: 'POST', answer: { id: 'o-99887766' } },
    { url: '/a', json: { deep: { '{{': false } } },
    { url: '/b', json: { '{{': 'o-99887766' } },
  );
  expect(steps.map(({ body }) => body).slice(1)).toEqual([
    '{"deep":{"{\\u007b":false}}',
    '{"{\\u007b":"{{startId}}"}',
  ]);
});

test('numbers beyond those of JavaScript keep their digits', () => {
  const big = '9007199254740993123';
  const { steps } = stepsIn(
    { url: '/a', answer: `{"id":${big}}`, type: 'application/json' },
    {
      url: `/b/${big}`,
      post: { mimeType: 'application/json', text: `{"a":${big},"n":12345678901234567891}` },
    },
  );
  expect(steps[1]).toMatchObject({ post: '/b/{{aId}}', body: `{"a":{{aId}},"n":12345678901234567891}` });
});

test('no secret is in the config', () => {
  const entries: Entry[] = [
    {
      url: `/start?access_token=${JWT}`,
      headers: { 'X-Api-Key': 'key-of-ada-1', Authorization: 'Basic YWRhOmh1bnRlcjI=' },
    },
    { url: '/login', form: 'user[name]=ada&user[password]=hunter2-7&again=hunter2-7' },
    { url: '/graphql', json: { query: 'mutation In { login(password: "hunter2-8") { id } }' } },
    { url: '/soap', post: { mimeType: 'text/xml', text: '<Login><Password>hunter2-9</Password></Login>' } },
    { url: '/pay', json: { card_number: '4111111111111111', cvc: '123', pin: '4711', mine: JWT } },
    { url: `/share/${JWT}`, answer: '<p>' },
    { url: '/mine', headers: { 'X-Session': 'zq8kf02mxy-1', 'X-CSRF': 'zq8kf02mxy-2' } },
  ];
  const recording = recordingOf(...entries);
  const config = configText(proposalOf(recording));
  for (const secret of ['hunter2', 'YWRh', 'key-of-ada', 'eyJ', '4111', '4711', "'123'", 'zq8kf']) {
    expect(config).not.toContain(secret);
    expect(JSON.stringify([proposalOf(recording).seen, proposalOf(recording).notes])).not.toContain(secret);
  }
  expect(recording.variables).toEqual([
    ...[
      'ACCESS_TOKEN',
      'API_KEY',
      'BASIC_AUTH',
      'USER_PASSWORD',
      'QUERY',
      'BODY',
      'CARD_NUMBER',
      'CVC',
      'PIN',
      'SESSION',
      'CSRF',
    ],
  ]);
  expect(config).toContain("secrets: ['QUERY', 'BODY', 'CARD_NUMBER', 'CVC', 'PIN', 'SESSION']");
  expect(config).toContain("Authorization: `Basic ${process.env.BASIC_AUTH ?? ''}`");
  expect(config).toContain(
    "get: `/start?access_token=${encodeURIComponent(process.env.ACCESS_TOKEN ?? '')}`",
  );
});

test('the login ends with the token that later requests have; a logout and an expired login are left out', () => {
  const recording = recordingOf(
    { url: '/login', json: { password: 'hunter2-7' }, answer: { code: 'code-1234567' } },
    { url: '/token', json: { code: 'code-1234567' }, answer: { token: 'tok_8271635482' } },
    { url: '/me', headers: BEARER, answer: {} },
    { url: '/late', headers: BEARER, status: 401 },
    { url: '/logout', method: 'POST', headers: BEARER, status: 204 },
  );
  expect(recording.before.map(({ name }) => name)).toEqual(['login', 'token']);
  expect(recording.steps.map(({ name }) => name)).toEqual(['get-me']);
  expect(recording.left).toEqual(['1 logout', '1 answer that a login had expired']);
});

test('each iteration has a key of its own against repetition', () => {
  const headers = { 'Idempotency-Key': 'b7e3-0001', 'X-Request-Id': '7' };
  expect(stepsIn({ url: '/orders', method: 'POST', headers }).steps[0]?.headers).toEqual({
    'Idempotency-Key': 'create-order-0-{{user}}-{{counter}}',
  });
});

test('a recording of a login alone is about the login', () => {
  const { before, steps } = recordingOf(LOGIN);
  expect([before.length, steps.map(({ name }) => name)]).toEqual([0, ['login']]);
});

test('names', () => {
  expect(
    names(
      { url: '/' },
      { url: '/api/v2/orders' },
      { url: '/api/v2/orders/17' },
      { url: '/api/v2/orders/18' },
      { url: '/orders', method: 'POST' },
      { url: '/orders/17', method: 'DELETE' },
      { url: '/orders/17/cancel', method: 'POST' },
      { url: '/shop/categories/4', method: 'PATCH' },
      { url: '/graphql', json: { operationName: 'AddToCart', query: 'mutation AddToCart { a }' } },
      { url: '/graphql', json: { query: 'query Cart { a }' } },
      { url: '/search?q=tea' },
      { url: '/%00%2F<x>"\'`' },
    ),
  ).toEqual([
    ...['home', 'list-orders', 'read-order', 'read-order-2', 'create-order', 'delete-order', 'cancel-order'],
    ...['update-category', 'add-to-cart', 'cart', 'get-search', 'get-x'],
  ]);
});

test('what its owner should know', () => {
  const notes = (...entries: Entry[]): string => recordingOf(...entries).notes.join('\n');
  expect(notes({ url: '/a', headers: { Cookie: 'theme=1; sessionid=abc' } })).toContain(
    'the recording begins logged in: no response in it sets the cookie sessionid',
  );
  expect(notes(LOGIN, { url: '/me', answer: {} })).toContain('Chrome leaves them out');
  expect(notes({ url: '/a' }, { url: '/b' })).toContain('the recording has no content of responses');
  expect(notes({ url: '/a', answer: {} }, { url: '/b', answer: {} })).toBe(
    "recorded pauses have a median of 980 ms; think: '980ms' repeats them, by default there are none",
  );
});

test.each([
  ['it is not JSON', '{"log": {"entries": [ hunter2'],
  ['it is not JSON', ''],
  ['it has no list of requests (log.entries)', '{"log": {"entries": {}}}'],
  ['it has no list of requests (log.entries)', '[]'],
  ['it has no list of requests (log.entries)', 'null'],
  ['it has no requests', '{"log": {"entries": []}}'],
  [
    'none of its requests can be repeated: 2 entries that are no requests',
    '{"log": {"entries": [null, {"request": 7}]}}',
  ],
  ['none of its requests can be repeated: 1 static file', har({ url: '/a.css', type: 'text/css' })],
])('%s', (message, text) => {
  const recording = readRecording(text);
  expect(recording.ok || recording.error.message.replace(/: line.*/, '')).toBe(message);
  expect(JSON.stringify(recording)).not.toContain('hunter2');
});

test('entries out of order are put in order', () => {
  const [first, second] = [{ url: '/a', answer: { id: 'x-99887766' } }, { url: '/b/x-99887766' }];
  const { log } = JSON.parse(har(first, second)) as { log: { entries: unknown[] } };
  const recording = readRecording(JSON.stringify({ log: { entries: [...log.entries].reverse() } }));
  expect(recording.ok && recording.value.steps.map(({ name }) => name)).toEqual(['get-a', 'read-b']);
});

test('a deep body, a wide one and a long one are read in time', () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const wide = Array.from({ length: 100_000 }, (_, id) => ({ id }));
  const long = `<${'input '.repeat(200_000)}`;
  const { steps } = recordingOf(
    {
      url: '/deep',
      post: { mimeType: 'application/json', text: deep },
      answer: deep,
      type: 'application/json',
    },
    { url: '/wide', answer: wide },
    { url: '/long', answer: long },
    { url: '/wide/5', answer: {} },
  );
  expect(steps[3]?.path.valueIn({})).toBe('/wide/{{wideId}}');
  expect(configOf({ url: '/deep', post: { mimeType: 'application/json', text: deep } })).toContain('[[[');
});
