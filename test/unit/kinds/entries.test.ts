import { describe, expect, test } from 'vitest';
import type { EntryLoad } from '../../../src/core/entry.ts';
import { judgeError } from '../../../src/kinds/entries/judge.ts';
import type { ThrownError } from '../../../src/kinds/entries/protocol.ts';
import { unloadable } from '../../../src/kinds/entries/unloadable.ts';

const FOLDER = '/consumer/node_modules/a';
const ABOUT = {
  name: 'a',
  folder: FOLDER,
  declared: ['a', 'declared', 'there'],
  absent: [],
  installed: { there: '1.0.0' },
  isForThisNode: false,
};
const LOAD: EntryLoad = { specifier: 'a/part', form: 'import', file: 'part.js' };

const thrown = (error: Partial<ThrownError>): ThrownError => ({
  name: 'Error',
  code: null,
  message: '',
  stack: [],
  importer: null,
  ...error,
});
const notFound = (what: string, importer: string): ThrownError =>
  thrown({
    code: 'ERR_MODULE_NOT_FOUND',
    message: `Cannot find package '${what}' imported from ${importer}`,
    importer,
  });

describe('is held against the package', () => {
  test.each([
    [
      'a file of its own that is not there',
      notFound(`${FOLDER}/b.js`, `${FOLDER}/part.js`),
      'part.js loads b.js, which is not in the package',
      `${FOLDER}/b.js`,
    ],
    [
      'a part that the installed version of what it declares lacks',
      thrown({
        code: 'MODULE_NOT_FOUND',
        message: "Cannot find module 'there/part'",
        importer: `${FOLDER}/part.js`,
      }),
      'part.js loads there/part, which there@1.0.0 does not have',
    ],
    [
      'the same where Node tells its path',
      notFound('/consumer/node_modules/there/part.js', `${FOLDER}/part.js`),
      'part.js loads there/part.js, which there@1.0.0 does not have',
    ],
    [
      'a file that is asked for by a relative path',
      thrown({
        code: 'MODULE_NOT_FOUND',
        message: "Cannot find module './b'",
        importer: `${FOLDER}/part.js`,
      }),
      'part.js loads ./b, which is not in the package',
    ],
    [
      'a package that it does not declare',
      notFound('other/deep', `${FOLDER}/part.js`),
      'part.js loads other, which its package.json does not declare',
      'other',
    ],
    [
      'a syntax that does not fit',
      thrown({ name: 'SyntaxError', message: 'Unexpected token' }),
      'SyntaxError: Unexpected token',
    ],
  ])('%s', (_, error, because, cause?: string) => {
    expect(judgeError(LOAD, error, ABOUT, false)).toMatchObject({
      because,
      ...(cause === undefined ? {} : { cause }),
    });
  });

  test('what the main entry point throws by mistake, and not what it refuses in words of its own', () => {
    expect(judgeError(LOAD, thrown({ name: 'TypeError', message: 'x' }), ABOUT, true)).toEqual({
      because: 'TypeError: x',
    });
    expect(judgeError(LOAD, thrown({ code: 'ERR_DLOPEN_FAILED', message: 'x' }), ABOUT, true)).toEqual({
      because: 'Error: x',
    });
    expect(judgeError(LOAD, thrown({ message: 'use import instead' }), ABOUT, true)).toEqual({
      excuse: 'Error: use import instead',
    });
  });
});

describe('is excused', () => {
  test.each([
    [
      'a package that it declares, and that is optional',
      notFound('declared', `${FOLDER}/part.js`),
      'it needs declared, which is optional',
    ],
    [
      'what is missing in a package that it depends on',
      notFound('x', '/consumer/node_modules/b/b.js'),
      'x is missing from its dependencies',
    ],
    [
      'the same in one that it has installed for itself',
      notFound('x', `${FOLDER}/node_modules/b/b.js`),
      'x is missing from its dependencies',
    ],
    ['what another entry point throws', thrown({ name: 'TypeError', message: 'x' }), 'TypeError: x'],
  ])('%s', (_, error, excuse) => {
    expect(judgeError(LOAD, error, ABOUT, false)).toMatchObject({ excuse });
  });

  test('and that package is named', () => {
    const error = notFound('declared', `${FOLDER}/part.js`);
    expect(judgeError(LOAD, error, ABOUT, true)).toMatchObject({ optional: 'declared' });
  });
});

test('what is meant for a browser is excused, and is for elsewhere', () => {
  const error = thrown({ name: 'ReferenceError', message: 'window is not defined' });
  const judgement = { excuse: 'window is not defined', isElsewhere: true };
  for (const isMain of [true, false]) expect(judgeError(LOAD, error, ABOUT, isMain)).toEqual(judgement);
});

/** As Node says it: by `import`, where a scheme of its own is not looked up at all, and by `require`. */
const byImport = (wanted: string): ThrownError => {
  const [, scheme] = /^(\w+:)/.exec(wanted) ?? [];
  if (scheme === undefined) return notFound(wanted, `${FOLDER}/part.js`);
  const message = `Only URLs with a scheme in: file, data, and node are supported by the default ESM loader. Received protocol '${scheme}'`;
  return thrown({ code: 'ERR_UNSUPPORTED_ESM_URL_SCHEME', message });
};
const byRequire = (wanted: string): ThrownError =>
  thrown({
    code: 'MODULE_NOT_FOUND',
    message: `Cannot find module '${wanted}'`,
    importer: `${FOLDER}/part.js`,
  });

describe('what only reads alike is held against the package', () => {
  const judged = (error: ThrownError, about = ABOUT, file = LOAD.file) =>
    judgeError({ ...LOAD, file }, error, about, true);
  const ofTests = thrown({ name: 'ReferenceError', message: 'test is not defined' });

  test.each([
    ofTests,
    thrown({ name: 'ReferenceError', message: 'window is not defined by the caller' }),
    thrown({ name: 'TypeError', message: "Cannot find module 'bun'" }),
    thrown({ name: 'TypeError', message: "Cannot find module 'bun' blah" }),
    thrown({ name: 'TypeError', message: 'window is not defined' }),
    thrown({ code: 'OWN', message: "Cannot find module 'bun'" }),
    thrown({ code: 'OWN', message: "Received protocol 'bun:'" }),
  ])('$name $code: $message', (error) => {
    expect(judged(error)).toEqual({ because: `${error.name}: ${error.message}` });
  });

  test('a path that only begins at a module of another runtime', () => {
    expect(judged(byRequire('electron/../lodash'))).toEqual({
      because: 'part.js loads electron, which its package.json does not declare',
      cause: 'electron',
      undeclared: 'electron',
    });
  });

  test('but not what is for a test runner by its name', () => {
    const judgement = { excuse: 'test is not defined', isElsewhere: true };
    expect(judged(ofTests, { ...ABOUT, name: '@testing-library/jest-dom' })).toEqual(judgement);
    expect(judged(ofTests, ABOUT, 'dist/a.test.js')).toEqual(judgement);
    expect(judged(ofTests, { ...ABOUT, name: 'jester' })).toHaveProperty('because');
  });
});

test('an adapter for an optional package may count on what that brings along; a main entry point may not', () => {
  const about = { ...ABOUT, absent: ['expo-sqlite', '@op/op-sqlite'] };
  const error = notFound('react', `${FOLDER}/x.js`);
  const adapter = (specifier: string): EntryLoad => ({ ...LOAD, specifier });
  for (const specifier of ['a/expo-sqlite/migrator', 'a/op-sqlite'])
    expect(judgeError(adapter(specifier), error, about, false), specifier).toHaveProperty('excuse');
  expect(judgeError(adapter('a/react'), error, about, false)).toHaveProperty('because');
  expect(judgeError(adapter('a'), error, about, true)).toHaveProperty('because');
});

describe('what another runtime brings along is not forgotten', () => {
  test.each([
    ['bun', 'Bun'],
    ['bun:sqlite', 'Bun'],
    ['deno', 'Deno'],
    ['npm:chalk@5', 'Deno'],
    ['jsr:@std/path', 'Deno'],
    ['cloudflare:workers', 'Cloudflare Workers'],
    ['workerd:unsafe', 'Cloudflare Workers'],
    ['fastly:env', 'Fastly Compute'],
    ['electron', 'Electron'],
    ['electron/main', 'Electron'],
    ['vscode', 'Visual Studio Code'],
    ['react-native', 'React Native'],
    ['expo/fetch', 'React Native'],
    ['virtual:pwa-register', 'Vite'],
    ['@vite/env', 'Vite'],
    ['@vite/client', 'Vite'],
    ['$app/environment', 'SvelteKit'],
  ])('%s', (wanted, runtime) => {
    for (const error of [byImport(wanted), byRequire(wanted)])
      for (const isMain of [true, false])
        expect(judgeError(LOAD, error, ABOUT, isMain)).toEqual({
          excuse: expect.stringMatching(new RegExp(`^it is for another runtime: .* belongs to ${runtime}$`)),
          isElsewhere: true,
        });
  });

  test.each([
    'bunyan',
    'deno-lib',
    'electron-store',
    '@electron/remote',
    'vscode-uri',
    'npm',
    'cloudflare',
    'react-native-web',
    '@vite/environment',
  ])('%s is a package like any other', (wanted) => {
    for (const error of [byImport(wanted), byRequire(wanted)])
      expect(judgeError(LOAD, error, ABOUT, false)).toEqual({
        because: expect.stringMatching(/^part\.js loads .*, which its package\.json does not declare$/),
        cause: expect.any(String),
        undeclared: expect.any(String),
      });
  });

  test('React Native, whose own files Node cannot read', () => {
    const stack = ['/consumer/node_modules/react-native/index.js:28'];
    const error = thrown({ name: 'SyntaxError', message: "Unexpected token 'typeof'", stack });
    expect(judgeError(LOAD, error, ABOUT, true)).toMatchObject({ isElsewhere: true });
  });

  test('a module of a newer Node, unless the package says that it is for this one', () => {
    const error = thrown({
      code: 'ERR_UNKNOWN_BUILTIN_MODULE',
      message: 'No such built-in module: node:new',
    });
    const cause = 'it needs node:new, which this Node.js does not have';
    const forThis = { ...ABOUT, isForThisNode: true };
    expect(judgeError(LOAD, error, ABOUT, true)).toEqual({ excuse: cause, isElsewhere: true });
    expect(judgeError(LOAD, error, forThis, false)).toEqual({ excuse: cause, isElsewhere: true });
    expect(judgeError(LOAD, error, forThis, true)).toEqual({
      because: `${cause}, and \`engines\` allows it`,
    });
  });
});

test('an undeclared package comes with the line that declares it', () => {
  const failure = { because: 'fails', evidence: [], loads: [LOAD] };
  expect(unloadable({ ...failure, undeclared: 'other' }, '/c')).toMatchObject([
    { mend: { file: 'package.json', lines: ['"dependencies": { "other": "*" }'] } },
  ]);
  expect(unloadable(failure, '/c')[0]).not.toHaveProperty('mend');
});
