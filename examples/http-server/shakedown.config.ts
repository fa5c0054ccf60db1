import { command, defineSuite, http, types } from 'shakedown';

export default defineSuite({
  components: {
    thread: command('./integration/thread'),
    http: http({
      server: { run: './integration/http', port: 0, ready: { http: '/' } },
      client: './integration/client $PORT',
    }),
    typestubs: types({ sample: './integration/typestubs.ts', onlyWhenNamed: true }),
    init: command('./integration/init'),
  },
});
