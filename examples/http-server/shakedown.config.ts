import { defineSuite, http, init, load, threads, types } from 'shakedown';

const DOCUMENT = '{"car":{"max":750},"knots":21.5,"stops":["Kiel","Oslo"],"title":"Fähre"}';

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
    typestubs: types({ sample: './integration/typestubs.ts', onlyWhenNamed: true }),
    init: init({
      module: './src/index.ts',
      use: './integration/first-use.ts:firstUse',
      denyModules: ['node:http'],
    }),
  },
});
