import { expect, test } from 'vitest';
import { repeatComponent, repeatShared } from '../../../src/report/repeat.ts';
import { INITIAL_STATE, type RunState } from '../../../src/report/state.ts';

const runOf = (suite: string, source: RunState['source']): RunState => ({ ...INITIAL_STATE, suite, source });
const CONFIG = runOf('shakedown.config.ts', { type: 'config', file: '/app/shakedown.config.ts' });
const OTHER = runOf('other suite.mjs', { type: 'config', file: '/app/other suite.mjs' });
const FOLDER = runOf('integration', { type: 'convention', dir: '/app/integration' });
const PACKAGE = runOf('left-pad@1.0.0', { type: 'package', spec: 'left-pad@1.0.0' });
const TRIAL = { of: 'http', fault: 'status-500', subject: null, isDemanded: true, judgement: null };

test.each([
  [CONFIG, 'npx shakedown api'],
  [OTHER, "npx shakedown api --config 'other suite.mjs'"],
  [FOLDER, 'npx shakedown api'],
  [runOf('e2e', { type: 'convention', dir: '/app/e2e' }), 'npx shakedown api --dir e2e'],
  [PACKAGE, 'npx shakedown package left-pad@1.0.0 api'],
  [runOf('shakedown.config.ts', null), 'npx shakedown api'],
  [{ ...CONFIG, used: [{ name: 'db', url: 'tcp://db:1' }] }, 'npx shakedown api --use db=tcp://db:1'],
])('a component of %o', (state, command) => {
  expect(repeatComponent({ name: 'api', trial: null }, state)).toBe(command);
});

test('a trial is proved once more, a service is started', () => {
  expect(repeatComponent({ name: 'http~status-500', trial: TRIAL }, OTHER)).toBe(
    "npx shakedown prove http --fault status-500 --config 'other suite.mjs'",
  );
  expect(repeatShared('db@api', CONFIG)).toBe('npx shakedown up db');
});
