import { defineSuite, http, init, threads, types } from 'shakedown';

// What the convention finds in ./integration, with every assumption written down, and `threads` and `init` as kinds of their own.
export default defineSuite({
  memory: 'debug',
  setup: [
    { run: './integration/setup', inputs: ['requirements.txt', 'integration/setup'], outputs: ['.venv'] },
  ],
  components: {
    // From many threads, under a shim that looks after them; what one thread gets alone is what each must get.
    thread: threads({
      python: 'operations:round_trip',
      inputs: 'operations:make_values',
      cwd: './integration',
      workers: 8,
      prove: { module: 'orjson' },
    }),
    http: http({
      // Port 0: a free one is chosen, and handed to both as $PORT.
      server: { run: './integration/http', port: 0, ready: { http: '/' } },
      client: './integration/client $PORT',
    }),
    typestubs: types({ sample: './integration/typestubs.py', onlyWhenNamed: true }),
    init: init({
      python: 'orjson',
      use: 'first_use:first_use',
      cwd: './integration',
      prove: { module: 'orjson' },
    }),
  },
});
