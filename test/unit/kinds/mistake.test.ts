/** One mistake of a package, as several components tell of it. */
import { expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { mistakeIn } from '../../../src/kinds/mistake.ts';

const FOLDER = '/c/node_modules/lib';

const loading = (evidence: readonly string[], message = 'import "lib" fails'): Finding => ({
  ...{ code: 'unloadable-entry', message, evidence },
  ...{ specifier: 'lib', form: 'import', count: 1 },
});
const program = (...evidence: readonly string[]): Finding => ({
  ...{ code: 'forbidden-output', message: 'lib --help printed an error', evidence },
  ...{ pattern: 'Node.js uncaught error', count: 1, matches: [] },
});
const types = (...texts: readonly string[]): Finding => ({
  ...{ code: 'type-error', message: '', culprit: 'lib' },
  errors: texts.map((text) => ({ file: 'lib/dist/index.d.ts', line: 1, number: 'TS2307', text, where: [] })),
});

test('a package that is not there, whoever asks for it', () => {
  const required = ["Error: Cannot find module 'gone/sub'", 'Require stack:', `- ${FOLDER}/index.js`];
  const imported = [`Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'gone' imported from ${FOLDER}/a.js`];
  const init: Finding = {
    code: 'cannot-load',
    message: "lib cannot be tried: Error: Cannot find module 'gone'",
  };
  const all = [loading(required), loading(imported), program('throw err;', ...required), init];
  expect(new Set(all.map(mistakeIn))).toEqual(new Set(['no package gone']));
});

test('a file that is not there, for programs and for compilers', () => {
  const required = [
    "Error: Cannot find module './parts/two'",
    'Require stack:',
    `- ${FOLDER}/dist/index.js`,
    '- /elsewhere/cli.js',
  ];
  const imported = [
    `Error: Cannot find module '${FOLDER}/dist/parts/two.js' imported from ${FOLDER}/dist/index.js`,
  ];
  const declared = "Cannot find module './parts/two.js' or its corresponding type declarations.";
  const all = [loading(required), loading(imported), program(...required), types(declared, declared)];
  expect(new Set(all.map(mistakeIn))).toEqual(new Set(['no file lib/dist/parts/two']));
  expect(mistakeIn(types(declared, 'Type X is no Y.'))).toBe(undefined);
});

test('any other error with which all of them fail', () => {
  const failed: Finding = {
    ...{
      code: 'init-failed',
      message: 'exited: TypeError: x is not a function (and 3 more processes alike)',
    },
    ...{ scenario: 'together', process: 'process 1 of 4', count: 4 },
  } as unknown as Finding;
  expect(mistakeIn(loading(['TypeError: x is not a function', '    at a.js:1']))).toBe(mistakeIn(failed));
  expect(mistakeIn(loading(['TypeError: y is not a function']))).not.toBe(mistakeIn(failed));
});

test('nothing is made of what quotes no error', () => {
  expect(mistakeIn({ code: 'not-compared', message: "Error: Cannot find module 'gone'" })).toBe(undefined);
});
