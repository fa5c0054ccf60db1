/** What is told of the exports of a package beside its declarations. */
import { expect, test } from 'vitest';
import { verdictOf } from '../../../../src/kinds/index.ts';
import {
  compareExports,
  findingsOf,
  isNothingLoaded,
  NOTHING_LOADED,
} from '../../../../src/kinds/types/compare.ts';
import type { ComparedEntry, Declared, RealExports } from '../../../../src/kinds/types/protocol.ts';

const SILENT = { type: 'none' } as const;
const REAL: RealExports = { names: ['a'], default: null, module: null };

const SHAPE = {
  kind: 'object',
  own: [],
  all: ['a'],
  isTranslated: false,
  default: null,
  isOwnDefault: false,
};

const entry = (of: Partial<ComparedEntry>): ComparedEntry => ({
  ...{ specifier: 'lib', isMain: true, real: { import: REAL, require: null } },
  declared: { import: SILENT, require: SILENT, bundler: SILENT },
  ...of,
});

test('an entry point beside the main one may be without declarations', () => {
  const installed = { folder: '/c/node_modules/lib', hasTypes: true };
  const codes = (of: Partial<ComparedEntry>) =>
    compareExports([entry(of)], installed).map(({ finding }) => finding.code);
  expect(codes({ isMain: true })).toEqual(['unresolved-types']);
  expect(codes({ isMain: false })).toEqual(['untyped']);
  const others = [
    entry({ isMain: false, specifier: 'lib/a', real: { import: REAL, require: { ...REAL, module: SHAPE } } }),
    entry({ isMain: false, specifier: 'lib/b' }),
  ];
  expect(findingsOf(compareExports(others, installed)).map(({ code }) => code)).toEqual(['untyped']);
});

test('a component of React may be declared as callable, although it is an object; nothing else may', () => {
  const file = '/c/node_modules/lib/a.d.ts';
  const exported = { name: 'default', isCallable: true, isOptional: false, file, line: 1 };
  const declared: Declared = {
    type: 'declared',
    file,
    format: 'commonjs',
    whole: null,
    exports: [exported],
  };
  const codes = (kind: string) => {
    const module = { ...SHAPE, own: ['default'], all: ['default'], isTranslated: true, default: kind };
    const required = entry({
      real: { import: null, require: { names: ['default'], default: null, module } },
      declared: { import: SILENT, require: declared, bundler: SILENT },
    });
    return compareExports([required], { folder: '/c/node_modules/lib', hasTypes: true }).map(
      ({ finding }) => finding.code,
    );
  };
  expect(codes('component')).toEqual([]);
  expect(codes('object')).toEqual(['wrong-default']);
});

test('declarations of what cannot be loaded have neither passed nor failed', () => {
  const unloaded = entry({ real: { import: null, require: null } });
  expect(isNothingLoaded([unloaded, entry({})])).toBe(false);
  expect(isNothingLoaded([unloaded])).toBe(true);
  expect(verdictOf([NOTHING_LOADED])).toBe('inconclusive');
});
