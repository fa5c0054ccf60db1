import { equal } from 'node:assert/strict';

/** Uses the library for the first time: its lazily built tables must come out right, wherever it was loaded. */
export function firstUse({ canonicalize, parse, stringify }: typeof import('../src/index.ts')): void {
  equal(canonicalize('{ "b" : 2e-3, "a" : "\\u20ac" }'), '{"a":"€","b":0.002}');
  equal(stringify(parse('[true, null]')), '[true,null]');
}
