/** Why Shakedown and an oracle differ: for all packages of which that holds, or for those that are named. */

export interface OracleReason {
  /** Of the objection, or of the finding that no oracle has. */
  readonly code: string;
  /** With their versions; absent: it holds wherever nothing else is said. */
  readonly specs?: readonly string[];
  /** In Markdown. */
  readonly because: string;
}

const NO_CODE = 'these are declarations alone; the JavaScript is that of the package that they describe';
const BY_FALLBACK = 'TypeScript finds them all the same (see FallbackCondition)';
const UNLOADED =
  'without `react`, an optional peer, nothing of it can be loaded, which is inconclusive; `--peers highest` installs that as well';

export const ORACLE_REASONS: readonly OracleReason[] = [
  {
    code: 'Untyped',
    because: 'it has no declarations of its own; those of `@types` are tried by their own name',
  },
  {
    code: 'CJSResolvesToESM',
    because: 'an ES module on purpose; Node.js can `require` it since 20.19 and 22.12',
  },
  {
    code: 'NamedExports',
    because:
      'it is declared by `export =`, of which TypeScript offers each property as a name: no author can prevent that',
  },
  {
    code: 'NamedExports',
    specs: ['vue@3.3.4'],
    because: '`vue/macros` is words for a compiler, with declarations and no JavaScript on purpose',
  },
  {
    code: 'MissingExportEquals',
    because:
      '`module.exports.default` is there, so `.default`, which the declarations want, is what they say: no value is wrong',
  },
  {
    code: 'CJSOnlyExportsDefault',
    because:
      'the declarations are those of a CommonJS module as well, so TypeScript knows that an import gets all of it, and no value is wrong',
  },
  {
    code: 'FILE_INVALID_FORMAT',
    because:
      'no file that Node.js loads: `package.json` names it in `module`, which bundlers alone read, or not at all',
  },
  {
    code: 'INVALID_REPOSITORY_VALUE',
    because: 'concerns the page of the package on npm, and nobody who uses it',
  },
  {
    code: 'FILE_INVALID_FORMAT',
    specs: ['cac@6.7.14'],
    because:
      '`mod.js`, of which `exports` gives away all files: it is for Deno (`export * from "./deno/index.ts"`), so that it does not load here is a note',
  },
  {
    code: 'InternalResolutionError',
    specs: ['mongoose@9.12.1'],
    because:
      '`types/index.d.ts` declares `module "mongoose"` and says in it `import mongoose = require("mongoose")`, which means that declaration itself: tsc finds it without skipLibCheck as well, are-the-types-wrong looks for a file',
  },
  {
    code: 'unimportable-export',
    specs: ['mongoose@9.12.1'],
    because:
      '`types/index.d.ts` declares `module "mongoose"` and is no module itself: are-the-types-wrong compares no names of such a file',
  },
  {
    code: 'FalseExportDefault',
    specs: ['react-select@5.10.2'],
    because:
      'its CommonJS files say `module.exports = require("./react-select.cjs.dev.js")`, which has `exports["default"]`; are-the-types-wrong does not follow it',
  },
  {
    code: 'InternalResolutionError',
    specs: ['yargs@18.2.0'],
    because:
      '`browser.d.ts`, which names a file without declarations. Node.js cannot load `yargs/browser` (it imports from `https:`), so nothing is held against it',
  },
  {
    code: 'FILE_INVALID_FORMAT',
    specs: ['immer@11.2.10'],
    because: '`dist/immer.legacy-esm.js`, for the condition `react-native`, which Node.js does not have',
  },
  {
    code: 'FILE_INVALID_FORMAT',
    specs: ['prettier@3.10.1'],
    because:
      '`plugins/acorn.js` and `plugins/meriyah.js`, which publint takes for ES modules: `require` loads both, and gets `parsers`',
  },
  {
    code: 'EXPORTS_TYPES_SHOULD_BE_FIRST',
    specs: ['zod@4.6.7'],
    because:
      'of `./v4/locales/*`, the only condition before `types` is one of its own (`@zod/source`), and each form has the same pattern',
  },
  {
    code: 'CJS_WITH_ESMODULE_DEFAULT_EXPORT',
    specs: ['zod@4.6.7'],
    because:
      '`v4/locales/ar.cjs` ends with `module.exports = exports.default`, and `ar.d.cts` with `export = _default`: an import gets the function, as declared',
  },
  {
    code: 'EXPORTS_GLOB_NO_MATCHED_FILES',
    specs: ['three@0.187.0'],
    because: 'it has no folder `examples/fonts`: an entry point that stands for no file offers nothing',
  },
  {
    code: 'FILE_INVALID_FORMAT',
    specs: ['three@0.187.0'],
    because:
      '`basis_transcoder.js` and both `draco_decoder.js` in `examples/jsm/libs` are scripts that workers of a browser fetch; Node.js loads them without an error, and `chevrotain.module.min.js` is an ES module',
  },
  {
    code: 'CJS_WITH_ESMODULE_DEFAULT_EXPORT',
    specs: ['openai@7.59.0'],
    because:
      '`_vendor/zod-to-json-schema/index.js` has `exports.default`, and declarations of a CommonJS module that say so',
  },
  { code: 'FalseESM', specs: ['@apollo/client@3.7.16'], because: UNLOADED },
  { code: 'InternalResolutionError', specs: ['@apollo/client@3.7.16'], because: UNLOADED },
  {
    code: 'FalseCJS',
    specs: ['@reduxjs/toolkit@2.0.0-beta.0'],
    because:
      'its import fails before anything can be compared, as the `reselect` of today lacks an export (`unloadable-entry`)',
  },
  {
    code: 'EXPORTS_TYPES_INVALID_FORMAT',
    specs: ['@reduxjs/toolkit@2.0.0-beta.0'],
    because: 'the same',
  },
  {
    code: 'NESTED_PACKAGE_JSON_FIELD_IGNORED',
    because: 'Node.js ignores that field as well, and loads what the other fields say',
  },
  {
    code: 'FallbackCondition',
    specs: ['postcss@8.4.21'],
    because:
      'TypeScript finds them, by what are-the-types-wrong calls a bug of it; what it finds is held against what Node.js loads',
  },
  { code: 'EXPORTS_TYPES_SHOULD_BE_FIRST', specs: ['postcss@8.4.21'], because: BY_FALLBACK },
  { code: 'TYPES_NOT_EXPORTED', specs: ['postcss@8.4.21'], because: BY_FALLBACK },
  {
    code: 'UntypedResolution',
    specs: ['esm-seedrandom@3.0.5'],
    because: 'it has no declarations of its own; what are-the-types-wrong sees is in `unittest/node_modules`',
  },
  {
    code: 'FILE_INVALID_EXPLICIT_FORMAT',
    specs: ['esm-seedrandom@3.0.5'],
    because: 'a file that nothing loads',
  },
  {
    code: 'FILE_DOES_NOT_EXIST',
    specs: ['@types/big.js@6.2.0', '@types/express@5.0.6', '@types/react@18.2.21', '@types/semver@7.5.8'],
    because: NO_CODE,
  },
  { code: 'EXPORTS_TYPES_INVALID_FORMAT', specs: ['@types/react@18.2.21'], because: NO_CODE },
  {
    code: 'EXPORTS_TYPES_INVALID_FORMAT',
    specs: ['rxjs@7.8.2'],
    because:
      'Node.js gets `dist/cjs` by `import` and by `require`, by the condition `node`, in the format of the declarations; the ES modules in `dist/esm5`, by `default`, are for bundlers',
  },
  {
    code: 'DEPRECATED_FIELD_JSNEXT',
    because: 'a field that bundlers read once, and neither Node.js nor TypeScript does',
  },
];
