/**
 * What the program that reads declarations would change in them: a sample that constrains everything must be refused
 * after each change, and only where it should be.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copiesOf } from '../../../src/kinds/types/edits.ts';
import type { DeclarationSurvey, Edit, TypescriptSurveyJob } from '../../../src/kinds/types/protocol.ts';
import { inTurn } from '../../rig/thorough.ts';

const PROGRAM = resolve(import.meta.dirname, '../../../dist/harness-types-faults.js');
/** The compiler is installed first. */
const LIMIT = 300_000;

interface Diagnostic {
  readonly code: number;
  readonly file?: { readonly fileName: string };
}
interface Host {
  readFile(path: string): string | undefined;
  getSourceFile(path: string, ...more: readonly unknown[]): object | undefined;
}
/** The parts of TypeScript 5.9 used here. */
interface TypeScript {
  createCompilerHost(options: object): Host;
  createProgram(files: readonly string[], options: object, host: Host): object;
  getPreEmitDiagnostics(program: object): readonly Diagnostic[];
  parseJsonConfigFileContent(json: object, host: object, folder: string): { readonly options: object };
  readonly sys: object;
}

let dir: string;
let typescript: string;
let ts: TypeScript;
const libraries = new Map<string, object>();

beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'types-changes-')));
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--silent'];
  execFileSync('npm', ['install', ...options, '--prefix', dir, 'typescript@5.9.3']);
  typescript = join(dir, 'node_modules/typescript');
  ts = createRequire(import.meta.url)(typescript) as TypeScript;
}, LIMIT);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const CONFIG = {
  compilerOptions: {
    module: 'node16',
    target: 'es2022',
    strict: true,
    noEmit: true,
    types: [],
    lib: ['es2022'],
    skipDefaultLibCheck: true,
    esModuleInterop: true,
  },
  files: [],
};

interface Tried {
  readonly survey: DeclarationSurvey;
  /** The codes of what the compiler says of the sample, and of any other file, after some edits. */
  errorsAfter(edits: readonly Edit[]): { readonly sample: number[]; readonly others: string[] };
}

function tryOn(name: string, files: Readonly<Record<string, string>>): Tried {
  const folder = join(dir, name);
  const all = { 'package.json': '{"type":"module"}', 'tsconfig.json': JSON.stringify(CONFIG), ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const sample = join(folder, 'sample.ts');
  const config = join(folder, 'tsconfig.json');
  const job: TypescriptSurveyJob = {
    ...{ typescript, config, modules: [], result: join(folder, 'result.json') },
    files: [{ path: sample, isNegative: false }],
  };
  writeFileSync(join(folder, 'job.json'), JSON.stringify(job));
  execFileSync(process.execPath, [PROGRAM, join(folder, 'job.json')]);
  const survey = JSON.parse(readFileSync(job.result, 'utf8')) as DeclarationSurvey;
  const { options } = ts.parseJsonConfigFileContent(CONFIG, ts.sys, folder);
  return {
    survey,
    errorsAfter: (edits) => {
      const texts = copiesOf(survey.copies, edits);
      const host = ts.createCompilerHost(options);
      const read = host.readFile.bind(host);
      host.readFile = (path) => texts.get(path) ?? read(path);
      const parse = host.getSourceFile.bind(host);
      // What every program has is parsed once.
      host.getSourceFile = (path, ...more) => {
        if (!path.startsWith(typescript)) return parse(path, ...more);
        const source = libraries.get(path) ?? parse(path, ...more);
        if (source !== undefined) libraries.set(path, source);
        return source;
      };
      const found = ts.getPreEmitDiagnostics(ts.createProgram([sample], options, host));
      const ofSample = found.filter(({ file }) => file?.fileName === sample);
      return {
        sample: ofSample.map(({ code }) => code),
        others: found.flatMap(({ code, file }) =>
          file?.fileName === sample ? [] : [`${file?.fileName}: ${code}`],
        ),
      };
    },
  };
}

interface Shape {
  readonly shape: string;
  readonly files: Readonly<Record<string, string>>;
  /** Of each declaration, the changes there are; all of which a sample that is sound must notice. */
  readonly changes: Readonly<Record<string, readonly string[]>>;
}

const FUNCTION = ['removed', 'wrong-return-type', 'loses-parameter', 'loses-types'];

const SHAPES: readonly Shape[] = [
  {
    shape: 'overloads',
    files: {
      'lib.d.ts':
        'export declare function f(a: string): number;\nexport declare function f(a: number, b: string): string;\n',
      'sample.ts': `import { f } from './lib.js';
const one: number = f('a');
const two: string = f(1, 'b');
// @ts-expect-error
f(true);
`,
    },
    changes: { f: FUNCTION },
  },
  {
    shape: 'generics, constants that are functions, and interfaces that are called',
    files: {
      'lib.d.ts': `export declare function first<T>(list: readonly T[]): T;
export declare const twice: (n: number) => number;
interface Adder { (a: number, b: number): number }
export declare const add: Adder;
`,
      'sample.ts': `import * as lib from './lib.js';
const one: number = lib.first([1]);
const two: number = lib.twice(1);
const three: number = lib.add(1, 2);
// @ts-expect-error
lib.first(1);
// @ts-expect-error
lib.twice('1');
// @ts-expect-error
lib.add('1', 2);
`,
    },
    changes: { first: FUNCTION, twice: FUNCTION, add: FUNCTION },
  },
  {
    shape: 'a class, its constructor, methods and properties',
    files: {
      'lib.d.ts': `export declare class Store<T> {
  constructor(first: T);
  get(key: string): T;
  readonly size: number;
  static open(name: string): Store<number>;
}
`,
      'sample.ts': `import { Store } from './lib.js';
const store: Store<number> = new Store(1);
const got: number = store.get('x');
const size: number = store.size;
const open: Store<number> = Store.open('x');
// @ts-expect-error
const wrong: string = store.size;
// @ts-expect-error
store.get(1);
// @ts-expect-error
Store.open(1);
`,
    },
    changes: {
      Store: ['removed', 'loses-parameter', 'loses-types'],
      'Store.get': FUNCTION,
      'Store.size': ['removed', 'wrong-type', 'loses-types'],
      'Store.open': FUNCTION,
    },
  },
  {
    shape: 'a default export of a function, and one of a class',
    files: {
      'lib.d.ts': 'export default function main(name: string): string;\n',
      'other.d.ts': 'export default class Other { run(n: number): number }\n',
      'sample.ts': `import main from './lib.js';
import Other from './other.js';
const text: string = main('x');
const n: number = new Other().run(1);
// @ts-expect-error
main(1);
// @ts-expect-error
new Other().run('1');
`,
    },
    changes: { main: FUNCTION, Other: ['removed', 'loses-types'], 'Other.run': FUNCTION },
  },
  {
    shape: '`export =` with a namespace',
    files: {
      'lib.d.cts':
        'declare function f(a: string): number;\ndeclare namespace f { function g(n: number): string; const V: string }\nexport = f;\n',
      'sample.ts': `import f from './lib.cjs';
const one: number = f('a');
const two: string = f.g(1);
const three: string = f.V;
// @ts-expect-error
f(1);
// @ts-expect-error
f.g('1');
// @ts-expect-error
const four: number = f.V;
`,
    },
    changes: { f: FUNCTION, g: FUNCTION, V: ['removed', 'wrong-type', 'loses-types'] },
  },
  {
    shape: 'what is passed on by name, as another name, and by a star',
    files: {
      'index.d.ts': "export { a, b as c } from './inner.js';\nexport * from './star.js';\n",
      'inner.d.ts':
        'export declare function a(n: number): number;\nexport declare function b(n: number): number;\n',
      'star.d.ts': 'export declare function d(n: number): number;\n',
      'sample.ts': `import { a, c, d as e } from './index.js';
const all: number[] = [a(1), c(1), e(1)];
const each: [number, number, number] = [a(1), c(1), e(1)];
// @ts-expect-error
a('1');
// @ts-expect-error
c('1');
// @ts-expect-error
e('1');
`,
    },
    changes: { a: FUNCTION, c: FUNCTION, d: FUNCTION },
  },
  {
    shape: 'sources in place of declarations, whose types are inferred',
    files: {
      'lib.ts': `export const VERSION = '1';
export function twice(n: number) { return n * 2; }
export const add = (a: number, b = 1) => twice(a) + b;
export async function later(n: number): Promise<number> { return n; }
export function act(n: number): void {}
`,
      'sample.ts': `import { VERSION, twice, add, later, act } from './lib.js';
const version: string = VERSION;
const two: number = twice(1);
const three: number = add(1, 2);
const four: number = await later(4);
act(1);
// @ts-expect-error
const five: number = VERSION;
// @ts-expect-error
twice('1');
// @ts-expect-error
add('1');
// @ts-expect-error
later('1');
// @ts-expect-error
act('1');
`,
    },
    changes: {
      VERSION: ['removed', 'wrong-type', 'loses-types'],
      twice: FUNCTION,
      add: FUNCTION,
      later: FUNCTION,
      act: ['removed', 'loses-parameter', 'loses-types'],
    },
  },
];

describe.each(inTurn(SHAPES, 3))('$shape', ({ shape, files, changes }) => {
  test('is broken in each way, and nothing else is', { timeout: LIMIT }, () => {
    const { survey, errorsAfter } = tryOn(shape.replace(/\W+/g, '-'), files);
    const found = survey.uses.map((use) => [use.subject, Object.keys(use.changes).sort()] as const);
    const wanted = Object.entries(changes).map(([subject, all]) => [subject, [...all].sort()]);
    expect(Object.fromEntries(found)).toMatchObject(Object.fromEntries(wanted));
    expect(errorsAfter([])).toEqual({ sample: [], others: [] });
    for (const use of survey.uses)
      for (const [change, edits] of Object.entries(use.changes)) {
        const what = `${use.subject} ${change}: ${JSON.stringify(edits)}`;
        const { sample, others } = errorsAfter(edits);
        expect(others, what).toEqual([]);
        if (use.subject in changes) expect(sample, what).not.toEqual([]);
      }
  });
});

test('a sample that is typed any notices no other type', { timeout: LIMIT }, () => {
  const { survey, errorsAfter } = tryOn('any', {
    'lib.d.ts':
      'export declare function parse(text: string): number;\nexport declare function idle(): void;\n',
    'sample.ts': "import { parse } from './lib.js';\nconst four: any = (parse as any)('4');\n",
  });
  const [{ changes, isMisused } = { changes: {}, isMisused: true }] = survey.uses;
  expect(errorsAfter(changes['wrong-return-type'] ?? [])).toEqual({ sample: [], others: [] });
  expect(isMisused).toBe(false);
  expect(survey.unused).toEqual(['idle']);
});
