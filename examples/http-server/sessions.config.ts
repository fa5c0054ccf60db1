// The documents of those who are logged in, under load.
import { defineSuite, http, load } from 'shakedown';

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
    }),
  },
});
