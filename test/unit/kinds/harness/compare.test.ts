import { describe, expect, test } from 'vitest';
import { differingExports } from '../../../../src/kinds/init/harness/compare.ts';

const one = (): void => {};
const two = (): void => {};

describe('what import() and require() give', () => {
  test('is one instance where a CommonJS module is the default of its namespace', () => {
    const required = { parse: one };
    expect(differingExports({ default: required, parse: one, 'module.exports': required }, required)).toEqual(
      [],
    );
  });

  test('is one instance where require() gives the namespace itself', () => {
    const namespace = { parse: one };
    expect(differingExports(namespace, namespace)).toEqual([]);
  });

  test('differs in functions and objects that are not identical, and not in plain values', () => {
    const imported = { parse: one, same: one, version: '1', options: {}, nothing: null };
    const required = { parse: two, same: one, version: '1', options: {}, nothing: null };
    expect(differingExports(imported, required)).toEqual(['parse', 'options']);
  });

  test('is compared as default with all of a module, unless that has a default of its own', () => {
    expect(differingExports({ default: one }, two)).toEqual(['default']);
    expect(differingExports({ default: one }, { default: one })).toEqual([]);
    expect(differingExports({ default: one }, { default: two })).toEqual(['default']);
  });

  test('is not compared where it is there in one form only, or cannot be looked at', () => {
    const broken = Object.defineProperty({}, 'parse', {
      get: () => {
        throw new Error('not on this platform');
      },
    });
    expect(differingExports({ parse: one, format: one }, {})).toEqual([]);
    expect(differingExports({ parse: one }, broken)).toEqual([]);
    expect(differingExports('text', 'text')).toEqual([]);
  });
});
