/** The text of a config means what was proposed, whatever is in it. */
import { expect, test } from 'vitest';
import * as builders from '../../../src/config/builders.ts';
import { configText, literal } from '../../../src/starter/write.ts';
import fc from '../../rig/fast-check.ts';

/** What a config exports. */
function read(text: string): unknown {
  const [, names = '', body = ''] = /^import \{ ([\w, ]+) \} from 'shakedown';\n([\s\S]*)$/.exec(text) ?? [];
  const all = new Map(Object.entries(builders));
  const list = names.split(', ');
  const source = body.replace('export default', 'return');
  return new Function(...list, source)(...list.map((name) => all.get(name)));
}

const written = (suite: object, comments: Record<string, string> = {}, notes: string[] = []): string =>
  configText({ suite: suite as never, comments, notes });

test('any text is a literal that means it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(new Function(`return ${literal(text)}`)()).toBe(text);
    }),
  );
});

const name = fc.string({ minLength: 1 }).filter((each) => each !== '__proto__');
const run = fc.oneof(fc.string({ minLength: 1 }), fc.array(fc.string(), { minLength: 1, maxLength: 4 }));
const command = fc.record(
  { kind: fc.constant('command'), run, cwd: fc.string() },
  { requiredKeys: ['kind', 'run'] },
);
const server = fc.record(
  { run, port: fc.nat(65535), ready: fc.record({ http: fc.string(), status: fc.tuple(fc.nat(), fc.nat()) }) },
  { requiredKeys: ['run'] },
);
const load = fc.record({ kind: fc.constant('load'), path: fc.string(), requests: fc.nat() });
const http = fc.record({ kind: fc.constant('http'), server, client: fc.oneof(run, load) });
const step = fc.record({ run, name: fc.string(), inputs: fc.array(fc.string(), { maxLength: 12 }) });
const suite = fc.record(
  {
    memory: fc.constant('debug'),
    setup: fc.array(step, { maxLength: 3 }),
    components: fc.dictionary(name, fc.oneof(command, http), { maxKeys: 4, noNullPrototype: true }),
  },
  { requiredKeys: ['components'] },
);

test('what is read is what was written', () => {
  fc.assert(
    fc.property(suite, fc.array(fc.string()), (proposed, notes) => {
      const text = written(proposed, { 'components.http.server': 'a word\n of it' }, notes);
      expect(read(text)).toEqual(proposed);
    }),
  );
});

test('nothing in it is obeyed by a terminal, or hidden from a reader', () => {
  const hostile = 'a\u001b[2Jb\u009bc\u202ed\u2028e\u200bf';
  const text = written({ components: { x: { kind: 'command', run: hostile } } }, {}, [hostile]);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(read(text)).toEqual({ components: { x: { kind: 'command', run: hostile } } });
});

test('it reads as a person would write it', () => {
  const components = {
    http: {
      kind: 'http',
      server: { run: 'PATH="$PWD/bin" it\'s', port: 0 },
      client: { kind: 'load', path: '/', requests: 1000 },
    },
    'words-test': { kind: 'command', run: ['npm', 'test'] },
    init: { kind: 'command', run: './init', cwd: 'integration' },
  };
  const comments = { 'components.http.server': 'Port 0 has a free one picked.' };
  expect(written({ memory: 'debug', components }, comments, ['compose.yaml is not started'])).toBe(`\
import { command, defineSuite, http, load } from 'shakedown';

// compose.yaml is not started
export default defineSuite({
  memory: 'debug',
  components: {
    http: http({
      // Port 0 has a free one picked.
      server: { run: "PATH=\\"$PWD/bin\\" it's", port: 0 },
      client: load({ path: '/', requests: 1000 }),
    }),
    'words-test': command(['npm', 'test']),
    init: command({ run: './init', cwd: 'integration' }),
  },
});
`);
});
