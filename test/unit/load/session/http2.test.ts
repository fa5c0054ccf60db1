/** Users on the streams of HTTP/2 connections that they share: nobody gets what is somebody else's. */
import { once } from 'node:events';
import { createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { closed, forRequests, send } from '../plans.ts';
import { doing, json, step } from './world.ts';

test('cookies and captured values are those of the user', async () => {
  const owner = new Map<string, string>();
  let count = 0;
  const answer = ({ url, headers }: Http2ServerRequest, response: Http2ServerResponse): void => {
    const user = headers.cookie ?? '';
    count += 1;
    if (url === '/login') {
      response.setHeader('set-cookie', `sid=${count}`);
      response.end('{}');
    } else if (url === '/create') {
      owner.set(`/read/${count}`, user);
      const body = JSON.stringify({ id: count });
      setTimeout(() => response.end(body), count % 4);
    } else response.writeHead(owner.get(url) === user && user !== '' ? 200 : 403).end();
  };
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const users = doing({
    users: 40,
    before: [step('/login')],
    steps: [step('/create', { captures: [json('id', 'id')] }), step('/read/{{id}}')],
  });
  const { counts, iterations, verdict } = await send(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    { ...users, protocol: 'http2', pipelining: 8, model: closed(3), limit: forRequests(300) },
  );
  server.close();
  expect(counts.byStatus).toEqual({ 200: 600 });
  expect(iterations).toMatchObject({ completed: 300, failed: 0 });
  expect(verdict).toBe('passed');
});
