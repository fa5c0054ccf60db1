/** Where the steps of a recording are put, and that the config means them, whatever they are. */
import { expect, test } from 'vitest';
import { buildSuite } from '../../../../src/config/build.ts';
import type { SuiteOptions } from '../../../../src/config/options.ts';
import { validate } from '../../../../src/config/validate.ts';
import { loadWords } from '../../../../src/kinds/index.ts';
import { withRecording } from '../../../../src/starter/har/propose.ts';
import { readRecording } from '../../../../src/starter/har/recording.ts';
import type { Proposal } from '../../../../src/starter/proposal.ts';
import { configText } from '../../../../src/starter/write.ts';
import fc from '../../../rig/fast-check.ts';
import { isThorough } from '../../../rig/thorough.ts';
import { stepsOf } from './player.ts';
import { type Entry, har, proposalOf, recordingOf } from './recorder.ts';

const NOTHING: Proposal = {
  suite: { components: {} },
  ...{
    comments: {},
    seen: [],
    notes: [],
    questions: [],
    weighty: [],
    trials: {},
    extras: [],
    lacking: 'all',
  },
};
const RECORDED = {
  recording: recordingOf({ url: '/login', json: { password: 'hunter2-7' }, answer: {} }),
  file: 'session.har',
};

test('beside a client that the project has, in a component of its own with the same server', () => {
  const http = { kind: 'http', server: { run: 'npm start', port: 0 }, client: 'npm test' } as const;
  const trials = { http: { paths: ['/hello'], isLoad: false } };
  const first: Proposal = { ...NOTHING, suite: { components: { http } }, trials, lacking: null };
  const proposal = withRecording(first, RECORDED, { PASSWORD: 'x' });
  expect(proposal.suite.components.http).toEqual(http);
  expect(proposal.suite.components.session).toMatchObject({ kind: 'http', server: http.server });
  expect(stepsOf(proposal, 'session').steps).toHaveLength(1);
  expect(proposal.trials.session).toEqual({ paths: ['/hello'], isLoad: false });
  expect([proposal.untried, proposal.next]).toEqual([undefined, undefined]);
});

test('without a server, beside a placeholder for one, which is not tried', () => {
  const proposal = withRecording(NOTHING, RECORDED, {});
  expect(proposal.suite.components.http).toMatchObject({ server: { run: 'npm start', port: 0 } });
  expect(proposal).toMatchObject({ trials: {}, untried: ['http'], lacking: null });
  expect(proposal.next).toBe(
    'put the command that starts your server into it, in place of npm start; then PASSWORD=… shakedown',
  );
  expect(configText(proposal)).toContain('// No server was found: put the command that starts yours here.');
});

test('with the command that the user gave', () => {
  const proposal = withRecording(NOTHING, RECORDED, { PASSWORD: 'x' }, './serve');
  expect(proposal.suite.components.http).toMatchObject({ server: { run: './serve', port: 0 } });
  expect(proposal.trials).toEqual({ http: { paths: ['/'], isLoad: false } });
  expect(proposal.untried).toBeUndefined();
});

/** What a config exports, without the environment. */
function evaluated(text: string): unknown {
  const body = text.replace(/^import .*$/m, '').replace('export default', 'return');
  const asIs = (value: unknown): unknown => value;
  const tagged = (kind: string) => (value: object) => ({ kind, ...value });
  const names = ['defineSuite', 'http', 'load', 'process'];
  return new Function(...names, body)(asIs, tagged('http'), tagged('load'), { env: {} });
}

test('whatever is recorded is data in the config, which means what was proposed and has no mistakes', async () => {
  const words = await loadWords();
  const mistakesIn = (suite: SuiteOptions): unknown[] => {
    const validated = validate(suite, words);
    return [
      ...validated.problems,
      ...buildSuite(validated, words, '/shop/shakedown.config.ts', 'x').problems,
    ];
  };
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '`${process.exit()}`',
      "'); process.exit(); ('",
      '{{counter}}',
      '\u2028',
      '*/',
      '</script>',
      '__proto__',
    ),
  );
  const json = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(
      fc.constantFrom('__proto__', 'constructor', 'kind', 'json', 'password', '{{x}}', '{{'),
      nasty,
    ),
    fc.constant({ kind: 'command', run: 'x' }),
  );
  const entry = fc.record({
    url: fc.webUrl({ withQueryParameters: true }).map((url) => new URL(url).pathname + new URL(url).search),
    headers: fc.dictionary(nasty, nasty),
    json,
    answer: json,
    answerHeaders: fc.dictionary(fc.constantFrom('set-cookie', 'x-token', 'location'), nasty),
    status: fc.constantFrom(200, 201, 302, 404),
  });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 4 }), (entries) => {
      const recording = readRecording(har(...(entries as Entry[])));
      if (!recording.ok) return;
      const proposal = proposalOf(recording.value);
      expect(evaluated(configText(proposal))).toEqual(proposal.suite);
      expect(mistakesIn(proposal.suite)).toEqual([]);
    }),
    { numRuns: isThorough ? 1000 : 100 },
  );
});

test('what stands beside a secret is still only text', () => {
  const json = { password: 'hunter2-7', a: '{{x}} `${process.exit()}` \\ "\u2028' };
  const proposal = proposalOf(recordingOf({ url: '/a?b=`c`&token=tok_8271635482', json }));
  const config = configText(proposal);
  expect(config).toContain('process.env.TOKEN');
  expect(evaluated(config)).toEqual(proposal.suite);
});
