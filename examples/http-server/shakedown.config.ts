import { defineSuite, http, init, load, threads, types } from 'shakedown';

const DOCUMENT = '{"car":{"max":750},"knots":21.5,"stops":["Kiel","Oslo"],"title":"Fähre"}';

/** A form with a token, and a login that answers with another one; both set cookies. */
const login = [
  { name: 'form', get: '/login', capture: { token: /name="token" value="([^"]+)"/ } },
  {
    name: 'login',
    post: '/login',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'user=sailor-{{user}}&password=ahoy&token={{token}}',
    capture: { csrf: 'json:csrf' },
  },
];
const signed = { 'X-CSRF-Token': '{{csrf}}' };

export default defineSuite({
  components: {
    thread: threads({
      module: './integration/operations.ts',
      inputs: './integration/inputs.ts',
      oracle: './integration/answers.ts',
      workers: 2,
      iterations: 5000,
    }),
    http: http({
      server: { run: './integration/http', port: 0, ready: { http: '/' } },
      client: load({
        connections: 8,
        duration: '1s',
        mix: [
          {
            path: '/document',
            weight: 3,
            expect: { exactBody: DOCUMENT, headers: { 'content-type': 'application/json' } },
          },
          {
            path: '/canonical',
            body: '{ "b": 1.0, "a": {{counter}} }',
            expect: { body: /^\{"a":\d+,"b":1\}$/ },
          },
        ],
      }),
      thresholds: ['p99 < 250ms', 'rate >= 100/s'],
    }),
    sessions: http({
      server: { run: './integration/http', port: 0, ready: { http: '/' } },
      client: load({
        connections: 4,
        requests: 400,
        before: login,
        // A session ends after two hundred requests.
        onStatus: { 401: login },
        steps: [
          {
            name: 'write',
            post: '/documents',
            headers: signed,
            json: { by: 'sailor-{{user}}', at: '{{counter}}' },
            expect: { status: 201 },
            capture: { id: 'json:id' },
          },
          {
            name: 'read',
            get: '/documents/{{id}}',
            expect: { exactBody: '{"at":"{{counter}}","by":"sailor-{{user}}"}' },
          },
          { name: 'remove', delete: '/documents/{{id}}', headers: signed, expect: { status: 204 } },
        ],
      }),
      thresholds: ['p99{read} < 250ms', 'errors == 0'],
      onlyWhenNamed: true,
    }),
    typestubs: types({ sample: './integration/typestubs.ts', onlyWhenNamed: true }),
    init: init({
      module: './src/index.ts',
      use: './integration/first-use.ts:firstUse',
      denyModules: ['node:http'],
    }),
  },
});
