/** Which changes of a declaration are told as narrower, by the compiler's own judgement; and which must not be. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { byCause, placeOf } from '../../../../src/kinds/api/causes.ts';
import type { ApiJob, DeclaredChange } from '../../../../src/kinds/api/protocol.ts';

const HARNESS = fileURLToPath(new URL('../../../../dist/harness-api.js', import.meta.url));
/** TypeScript 7 has no API; what compares types for attw has one. */
const typescript = dirname(
  createRequire(createRequire(import.meta.url).resolve('@arethetypeswrong/core')).resolve(
    'typescript/package.json',
  ),
);

/** By name: the declaration before and after, and what is said. */
const BROKEN: Readonly<Record<string, readonly [string, string, string]>> = {
  required: ['(a: string) => void', '(a: string, b: number) => void', 'needs 2 arguments, where 1 would do'],
  parameter: [
    '(a: string | number) => void',
    '(a: string) => void',
    'takes string as argument 1, which was string | number',
  ],
  option: [
    '(a: { x: string }) => void',
    '(a: { x: string; y: string }) => void',
    'takes { x: string; y: string; } as argument 1, which was { x: string; }',
  ],
  fewer: [
    '(a: string, b?: string) => void',
    '(a: string) => void',
    'takes at most 1 argument, where 2 were possible',
  ],
  mapped: [
    '(a: Readonly<{ x: string | number }>) => void',
    '(a: Readonly<{ x: string }>) => void',
    'takes Readonly<{ x: string; }> as argument 1, which was Readonly<{ x: string | number; }>',
  ],
  indexed: [
    '(a: { [key: string]: string | number }) => void',
    '(a: { [key: string]: string }) => void',
    'takes { [key: string]: string; } as argument 1, which was { [key: string]: string | number; }',
  ],
  result: ['() => string', '() => string | undefined', 'returns string | undefined, which was string'],
  member: ['{ a: 1; b: 2 }', '{ a: 1 }', 'has no .b any more'],
  overload: [
    '{ (a: string): void; (a: number): void }',
    '{ (a: string): void; (a: boolean): void }',
    'no longer takes (number)',
  ],
  fewerOverloads: [
    '{ (a: string): void; (a: number): void }',
    '(a: string) => void',
    'no longer takes (number)',
  ],
  uncalled: ['() => void', 'string', 'can no longer be called'],
  plain: ['number', 'string', 'is string, which was number'],
};

/** The same for what is sound. */
const SOUND: Readonly<Record<string, readonly [string, string]>> = {
  optional: ['(a: string) => void', '(a: string, b?: number) => void'],
  wider: ['(a: string) => void', '(a: string | number) => void'],
  narrowResult: ['() => string | undefined', '() => string'],
  literal: ['"1.2.3"', '"1.2.4"'],
  generic: ['<T>(a: T[]) => T', '<T, U = T>(a: readonly T[]) => T & U'],
  overloads: ['{ (a: string): string; (a: number): number }', '{ (a: number): number; (a: string): string }'],
  mergedOverloads: ['{ (a: string): void; (a: number): void }', '(a: string | number) => void'],
  splitOverloads: [
    '(a: string | number, b?: boolean) => void',
    '{ (a: string): void; (a: number, b?: boolean): void }',
  ],
  genericOverloads: ['{ (a: string): void; (a: number): void }', '{ <T>(a: T): void; (a: boolean): void }'],
  conditional: ['<T>(a: T) => T extends string ? 1 : 2', '<T>(a: T) => T extends number ? 2 : 1'],
  symbol: ['{ readonly brand: unique symbol }', '{ readonly brand: unique symbol }'],
  grown: ['{ a: string }', '{ a: string; b: string }'],
  mappedClass: ['(a: Readonly<{ it: Closed }>) => void', '(b: Readonly<{ it: Closed }>) => void'],
  indexedClass: ['(a: { [key: string]: Closed }) => void', '(b: { [key: string]: Closed }) => void'],
};

const OTHERS = {
  before: `
    export declare class Vague { #secret: number; private own: Vague; same(other: Vague): Vague }
    export declare function make(it: Vague): Vague;
    export declare class Closed { private own: string }
    export declare class Shrunk { private own: string; kept(): void; lost(): void }
    export declare class Built { constructor(a?: string) }
    export declare enum Level { Low, High }
    export type Word = 'a' | 'b';
    export interface Options { readonly a?: string; readonly b?: string }
    export declare class Settable { name: string; private own: string; extra?: string }
    export declare class Fixed { level: number; get depth(): number; set depth(value: number); private own: string }
    interface CallOptions { a?: string; b?: string }
    export declare function call(options: CallOptions): void;
    interface MoreSettings { a?: string }
    export declare function more(settings: MoreSettings): void;
    interface Answer { kept: string; lost: string }
    export declare function ask(): Answer;
    interface Context { a: string }
    export declare function pass(context: Context): void;
    interface EasyOptions { a: string }
    export declare function ease(options: EasyOptions): void;
    export declare function firm(): { a?: string };
    export interface Free { a: string }
    export type Gone = string;`,
  after: `
    export declare class Vague { #secret: string; private own: Vague; same(other: Vague): Vague }
    export declare function make(it: Vague): Vague;
    export declare class Closed { private own: number }
    export declare class Shrunk { private own: string; kept(): void }
    export declare class Built { constructor(a: string) }
    export declare enum Level { Low }
    export type Word = 'a';
    export interface Options { readonly a?: string }
    export declare class Settable { name?: string; private readonly own: string; extra: string }
    export declare class Fixed { readonly level: number; get depth(): number; private own: string }
    interface CallOptions { a: string; b?: string }
    export declare function call(options: CallOptions): void;
    interface MoreSettings { a?: string; b: string }
    export declare function more(settings: MoreSettings): void;
    interface Answer { kept: string; lost?: string }
    export declare function ask(): Answer;
    interface Context { a: string; b: string }
    export declare function pass(context: Context): void;
    interface EasyOptions { a?: string; b?: string }
    export declare function ease(options: EasyOptions): void;
    export declare function firm(): { a: string };
    export interface Free<T> { a: T }
    export type New = string;`,
};
const TOLD_OF_FUNCTIONS = [
  'call narrowed needs .a in argument 1',
  'more narrowed needs .b in argument 1',
  'ask narrowed no longer always gives .lost',
];
const TOLD_OF_OTHERS = [
  'Shrunk narrowed has no .lost any more',
  'Built narrowed needs 1 argument, where 0 would do',
  'Level narrowed has no .High any more',
  'Word narrowed no longer has "b"',
  'Options narrowed has no .b any more',
  'Settable narrowed no longer always has .name',
  'Fixed narrowed has .level only for reading',
  'Free narrowed takes 1 type arguments now',
  'Gone removed ',
  'New added ',
];

let folder = '';
let changes: readonly string[] = [];
let all: readonly DeclaredChange[] = [];

function consumer(name: 'before' | 'after', at: 0 | 1): string {
  const own = join(folder, name, 'node_modules', 'a');
  mkdirSync(own, { recursive: true });
  const values = [...Object.entries(BROKEN), ...Object.entries(SOUND)]
    .map(([key, types]) => `export declare const ${key}: ${types[at]};\n`)
    .join('');
  const files = { '.': './index.d.ts', './again': './again.d.ts', './copy': './copy.d.ts' };
  const exports = Object.fromEntries(Object.entries(files).map(([key, types]) => [key, { types }]));
  writeFileSync(join(own, 'package.json'), JSON.stringify({ name: 'a', version: '1.0.0', exports }));
  writeFileSync(
    join(own, 'again.d.ts'),
    "export { call as default, call, Level, Closed } from './index.js';\n",
  );
  const copied = /export type Word = .*/.exec(OTHERS[name])?.[0];
  const itsOwn = `export type Level = ${at === 0 ? "'x' | 'y'" : "'x'"};\n`;
  writeFileSync(join(own, 'copy.d.ts'), `${copied}\n${itsOwn}`);
  writeFileSync(join(own, 'index.d.ts'), `${values}${OTHERS[name]}`);
  return join(folder, name);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'api-'));
  const job: ApiJob = {
    typescript,
    name: 'a',
    typeRoot: fileURLToPath(new URL('../../../../node_modules/@types', import.meta.url)),
    specifiers: ['a', 'a/again', 'a/copy'],
    before: consumer('before', 0),
    after: consumer('after', 1),
    result: join(folder, 'result.json'),
  };
  writeFileSync(join(folder, 'job.json'), JSON.stringify(job));
  execFileSync(process.execPath, [HARNESS, join(folder, 'job.json')]);
  const found = JSON.parse(readFileSync(job.result, 'utf8')) as DeclaredChange[];
  changes = found
    .filter(({ specifier }) => specifier === 'a')
    .map(({ name, type, how }) => `${name} ${type} ${how}`);
  all = found;
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('each sort of change is told, once, and nothing that the compiler cannot be sure of', () => {
  const broken = Object.entries(BROKEN).map(([name, [, , how]]) => `${name} narrowed ${how}`);
  expect(changes).toEqual([...TOLD_OF_FUNCTIONS, ...broken, ...TOLD_OF_OTHERS]);
});

test('an entry point that has the same declaration, again or as a copy, shows the same change', () => {
  const causes = byCause(all, ({ cause }) => cause).map((shown) => shown.map(placeOf));
  expect(causes.filter((places) => places.length > 1)).toEqual([
    ['"call" of "a"', '"call" of "a/again"', '"default" of "a/again"'],
    ['"Level" of "a"', '"Level" of "a/again"'],
    ['"Word" of "a"', '"Word" of "a/copy"'],
  ]);
  expect(causes).toContainEqual(['"Level" of "a/copy"']);
});
