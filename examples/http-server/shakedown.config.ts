import { defineSuite, http, init, load, threads, types } from 'shakedown';

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
