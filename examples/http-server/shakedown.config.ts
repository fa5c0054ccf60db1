import { command, defineSuite, http, init, load, types } from 'shakedown';

export default defineSuite({
  components: {
    thread: command('./integration/thread'),
    http: http({
      server: { run: './integration/http', port: 0, ready: { http: '/' } },
      client: load({
        path: '/document',
        connections: 8,
        duration: '1s',
        expect: { status: 200, body: '"title":"Fähre"}' },
      }),
      thresholds: ['p99 < 250ms', 'rate >= 100/s'],
    }),
    typestubs: types({ sample: './integration/typestubs.ts', onlyWhenNamed: true }),
    init: init({
      module: './src/index.ts',
      use: './integration/first-use.ts:firstUse',
      denyModules: ['node:http'],
    }),
  },
});
