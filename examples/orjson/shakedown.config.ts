import { command, defineSuite, http, types } from 'shakedown';

// The same scripts as the convention finds in ./integration, with every assumption written down.
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
    init: command('./integration/init'),
  },
});
