import { EXPECT_SUCCESS, type Service, STOP_POLITELY } from '../../src/core/suite.ts';
import { ms } from '../../src/core/units.ts';

/** A service as a suite has it when little is said of it. */
export const serviceSpec = (more: Partial<Service> = {}): Service => ({
  name: 'server',
  command: { type: 'shell', line: './server' },
  port: 0,
  stdin: 'ended',
  daemon: false,
  foreground: null,
  ready: { type: 'port' },
  readyTimeout: ms(1000),
  stop: STOP_POLITELY,
  grace: ms(1000),
  env: {},
  cwd: '/',
  needs: [],
  expect: EXPECT_SUCCESS,
  via: [],
  ...more,
});
