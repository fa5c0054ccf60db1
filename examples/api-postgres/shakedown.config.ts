import { command, defineSuite, http, load, service, task } from 'shakedown';

const tsx = 'node --import tsx';

export default defineSuite({
  env: { PGPASSWORD: crypto.randomUUID() },
  setup: [{ name: 'folder', run: 'echo "PGDATA=$(mktemp -d)" >>"$SHAKEDOWN_ENV"', undo: 'rm -rf "$PGDATA"' }],
  services: {
    db: service({ run: './database/start', port: 0, ready: { log: 'ready to accept' }, stop: 'SIGINT' }),
    migrate: task({ run: `${tsx} database/migrate.ts`, needs: ['db'] }),
    seed: task({ run: `${tsx} database/seed.ts`, needs: ['migrate'] }),
    api: service({ run: `${tsx} src/api.ts`, port: 0, ready: { http: '/health' }, needs: ['seed'] }),
  },
  components: {
    smoke: command({ run: `${tsx} integration/smoke.ts`, needs: ['api'] }),
    traffic: http({
      use: 'api',
      client: load({
        requests: 1000,
        data: 'database/products.csv',
        mix: [
          { path: '/products/{{id}}', weight: 3, expect: { body: '"stock":' } },
          { path: '/orders', body: '{"product":{{id}},"quantity":2}', expect: { status: 201 } },
        ],
      }),
      thresholds: ['p99 < 1s', 'errors == 0'],
    }),
    books: command({ run: `${tsx} integration/books.ts`, needs: ['traffic', 'seed'] }),
  },
});
