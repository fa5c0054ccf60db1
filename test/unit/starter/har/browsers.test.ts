/** The same session as different programs record it comes out as the same steps. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRecording } from '../../../../src/starter/har/recording.ts';
import { configText } from '../../../../src/starter/write.ts';
import { proposalOf } from './recorder.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/har');

function read(program: string) {
  const recording = readRecording(readFileSync(join(FOLDER, `${program}.har`), 'utf8'));
  if (!recording.ok) throw new Error(recording.error.message);
  return recording.value;
}

const LEFT: Readonly<Record<string, readonly string[]>> = {
  chrome: ['WebSocket', 'preflight', 'response from the cache', 'request without a response'],
  firefox: ['WebSocket', 'preflight', 'request without a response'],
  safari: ['WebSocket', 'response from the cache'],
  mitmproxy: ['WebSocket', 'preflight', 'request without a response'],
  playwright: ['request without a response'],
};

test.each(Object.keys(LEFT))('%s', (program) => {
  const recording = read(program);
  const ones = (LEFT[program] ?? []).map((each) => `1 ${each}`);
  expect([...recording.left].sort()).toEqual(
    ['1 to other servers (stats.example.net)', '2 static files', ...ones].sort(),
  );
  expect(recording.origin).toBe('https://shop.example.com');
  const config = configText({ ...proposalOf(recording), notes: [] });
  // Some write the names of headers in capitals.
  const lower = config.replace(/'?(Accept|X-Csrf-Token|Authorization)'?: /g, (name) => name.toLowerCase());
  expect(lower).toBe(`\
import { defineSuite, http, load } from 'shakedown';

export default defineSuite({
  components: {
    http: http({
      server: { run: 'npm start', port: 0 },
      client: load({
        requests: 330,
        before: [
          {
            name: 'home',
            get: '/',
            headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' },
            capture: { csrfToken: /name="csrf-token"[^<>]*content="([^"]+)"/ },
          },
          {
            name: 'login',
            post: '/api/login',
            headers: { accept: 'application/json', 'x-csrf-token': '{{csrfToken}}' },
            json: { email: 'ada@example.org', password: process.env.PASSWORD ?? '' },
            expect: { headers: { 'content-type': 'json' } },
            capture: { token: 'json:token' },
          },
        ],
        steps: [
          {
            name: 'list-orders',
            get: '/api/orders?limit=20',
            headers: { accept: 'application/json', authorization: 'Bearer {{token}}' },
            expect: { headers: { 'content-type': 'json' } },
          },
          {
            name: 'create-order',
            post: '/api/orders',
            headers: { accept: 'application/json', authorization: 'Bearer {{token}}' },
            json: { sku: 'tea', count: 2 },
            expect: { status: 201, headers: { 'content-type': 'json' } },
            capture: {
              // A guess by the names of the fields, since the recorded value was short.
              orderId: 'json:id',
            },
          },
          {
            name: 'read-order',
            get: '/api/orders/{{orderId}}',
            headers: { accept: 'application/json', authorization: 'Bearer {{token}}' },
            expect: { headers: { 'content-type': 'json' } },
          },
        ],
      }),
    }),
  },
});
`);
});
