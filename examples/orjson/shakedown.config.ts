import { command, defineSuite, http, init, types } from 'shakedown';

// What the convention finds in ./integration, with every assumption written down; of `init`, by the kind of that name.
export default defineSuite({
  memory: 'debug',
  setup: [
    { run: './integration/setup', inputs: ['requirements.txt', 'integration/setup'], outputs: ['.venv'] },
  ],
  components: {
    thread: command('./integration/thread'),
    http: http({
      // Port 0: a free one is chosen, and handed to both as $PORT.
      server: { run: './integration/http', port: 0, ready: { http: '/' } },
      client: './integration/client $PORT',
    }),
    typestubs: types({ sample: './integration/typestubs.py', onlyWhenNamed: true }),
    init: init({ python: 'orjson', use: 'first_use:first_use', cwd: './integration' }),
  },
});
