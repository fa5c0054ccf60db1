import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');

/** Each layer, and the layers that it may import beside itself. A folder or a file within one may be a layer of its own. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  text: ['core'],
  files: ['core'],
  // Reads messages of HTTP/1.1: the load engine, and the proxy of faults.
  http1: [],
  'process/system': ['core', 'files'],
  // What lies on disk tells of processes, and owners go by it.
  store: ['core', 'files', 'process/system'],
  process: ['core', 'text', 'files', 'process/system', 'store'],
  // The buckets of a histogram and how they are written down: the engine writes them, reports read them.
  'load/hdr': [],
  // Counts and times that add up, and what several machines measured, added up: that runs where there is no Node.
  'load/tally': ['core', 'load/hdr'],
  'load/merge': ['core', 'load/hdr', 'load/tally'],
  'load/findings.ts': ['core'],
  'load/explanations.ts': ['core', 'load/findings.ts'],
  'load/engine': [
    ...['core', 'http1', 'text', 'files'],
    ...['load/hdr', 'load/tally', 'load/merge', 'load/findings.ts'],
  ],
  load: ['core', 'load/engine', 'load/merge'],
  // A program between a service and its users: what it is told, and tells; what runs in its processes; who starts it.
  'proxy/protocol.ts': ['core'],
  'proxy/harness': ['core', 'http1', 'proxy/protocol.ts'],
  proxy: ['core', 'process/system', 'process', 'kinds/common', 'proxy/protocol.ts'],
  // What the processes of a kind are told, and tell.
  'kinds/*/protocol.ts': ['core'],
  // Programs that run in child processes.
  'kinds/*/harness': ['core', 'http1', 'kinds/*/protocol.ts'],
  'load/report/format.ts': [],
  'load/report': ['core', 'text', 'load/hdr', 'load/findings.ts', 'load/report/format.ts'],
  consumer: ['core', 'text', 'files', 'process/system', 'store', 'process'],
  'kinds/common': ['core', 'text', 'files', 'process/system', 'process'],
  'load/options': ['core', 'files', 'kinds/common'],
  // The built-in client of a component may have agents send, and writes its report into the log.
  kinds: [
    ...['core', 'text', 'files', 'process/system', 'store', 'process', 'consumer'],
    ...['load', 'load/options', 'load/report', 'load/findings.ts', 'load/explanations.ts', 'distributed'],
    ...['kinds/common', 'kinds/*/protocol.ts', 'proxy', 'proxy/protocol.ts'],
  ],
  plan: ['core', 'text', 'files', 'kinds'],
  // `runLoad`, a part of the face of the library, calls the engine, and watches the processes of the target.
  config: [
    ...[
      'core',
      'text',
      'files',
      'load',
      'process/system',
      'kinds/common',
      'load/options',
      'load/findings.ts',
      'distributed',
    ],
    'kinds',
  ],
  // Looks at a project and says what its first config is to be: of the config and the kinds it knows the words.
  starter: ['core', 'files', 'config', 'kinds/common', 'kinds', 'load/options'],
  // What the HTML report does in a browser: it gets its data from the page.
  'report/html/page': ['core', 'report/html/plotted', 'load/report/format.ts'],
  // What of a load is put into the page for it to draw.
  'report/html/plotted': [],
  // Places in the source that a report leads to must exist, and logs are quoted.
  report: ['core', 'text', 'files', 'load/report', 'kinds', 'report/html/plotted'],
  engine: [
    'core',
    'text',
    'files',
    'process/system',
    'store',
    'process',
    'consumer',
    'kinds/common',
    'kinds',
    'proxy',
  ],
  // Runs components with faults in what they try, and judges whether they notice.
  prove: ['core', 'store', 'kinds', 'engine'],
  // What of the library runs something in the process of somebody else.
  library: [
    'core',
    'files',
    'process/system',
    'process',
    'kinds/common',
    'kinds',
    'plan',
    'config',
    'engine',
  ],
  // Load from many machines, on an engine that schedules and survives the loss of one: what each of them does, and says.
  distributed: ['core', 'load', 'load/merge'],
  cli: [
    ...['core', 'text', 'files', 'process/system', 'store', 'process', 'consumer'],
    ...[
      'load',
      'load/options',
      'load/report',
      'kinds/common',
      'kinds',
      'plan',
      'config',
      'starter',
      'report',
      'engine',
      'prove',
      'proxy',
      'distributed',
    ],
  ],
};

/** What of the library is more than types, and what each of it loads at once: what runs is loaded when it is called. */
const FACE: Readonly<Record<string, readonly string[]>> = {
  'index.ts': ['./config/builders.ts', './config/run-load.ts', './library/start-service.ts'],
  'library/start-service.ts': [],
  'config/builders.ts': [],
  'config/run-load.ts': ['node:module', 'node:path'],
};

interface Import {
  /** Relative to `src`. */
  readonly from: string;
  /** Relative to `src` for our own files; a package or built-in module otherwise. */
  readonly to: string;
  readonly own: boolean;
  /** Nothing is loaded by it. */
  readonly isType: boolean;
}

const TYPES = /^(?:import|export) type\b[^;]*;/gm;
const COMMENTS = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')`. */
const IMPORTS = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g;

function importsOf(source: string): string[] {
  return [...source.replace(COMMENTS, '').matchAll(IMPORTS)].flatMap(([, , to]) => to ?? []);
}

function readImports(): Import[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const source = readFileSync(join(SRC, file), 'utf8');
      const loaded = importsOf(source.replace(TYPES, ''));
      return importsOf(source).map((name): Import => {
        const own = name.startsWith('.');
        const to = own ? relative(SRC, resolve(SRC, dirname(file), name)) : name;
        return { from: file, to, own, isType: !loaded.includes(name) };
      });
    });
}

function layerOf(file: string): string {
  const [outer = '', ...inner] = file.split('/');
  if (inner.length === 0) return '';
  const path = file.replace(/^kinds\/[^/]+(?=\/(?:harness\/|protocol\.ts$))/, 'kinds/*');
  const within = Object.keys(MAY_IMPORT).filter((layer) => path === layer || path.startsWith(`${layer}/`));
  return within.sort((a, b) => b.length - a.length)[0] ?? outer;
}

const imports = readImports();
const show = ({ from, to }: Import): string => `${from} imports ${to}`;

test('every form of import is seen', () => {
  const source = [
    "import a from './a.ts';",
    "import type { B } from '../b.ts';",
    "import {\n  c,\n  type D,\n} from './c.ts';",
    "export { e } from './e.ts';",
    "export * from './f.ts';",
    "import './g.ts';",
    "const h = await import('./h.ts');",
    "let i: import('./i.ts').I;",
    "// import no from './comment.ts';",
    "/** import no from './comment.ts'; */",
  ].join('\n');
  expect(importsOf(source)).toEqual([
    './a.ts',
    '../b.ts',
    './c.ts',
    './e.ts',
    './f.ts',
    './g.ts',
    './h.ts',
    './i.ts',
  ]);
});

test('every folder of the source is a layer with a place in the order', () => {
  const layers = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const outer = Object.keys(MAY_IMPORT).filter((layer) => !layer.includes('/'));
  expect(layers.map(({ name }) => name).sort()).toEqual(outer.sort());
});

test('the imports run one way', () => {
  const own = imports.filter((each) => each.own && layerOf(each.from) !== '');
  expect(own.length).toBeGreaterThan(100);
  const offenders = own.filter(({ from, to }) => {
    const layer = layerOf(from);
    return layerOf(to) !== layer && !MAY_IMPORT[layer]?.includes(layerOf(to));
  });
  expect(offenders.map(show)).toEqual([]);
});

test('of the kinds the rest of the source sees the list alone, and types', () => {
  const outside = imports.filter(({ from, to }) => layerOf(to) === 'kinds' && layerOf(from) !== 'kinds');
  const offenders = outside.filter(({ to, isType }) => to !== 'kinds/index.ts' && !isType);
  expect(offenders.map(show)).toEqual([]);
});

/** Of a load the rest of the source sees these. */
const FACES_OF_LOAD = [
  'load/index.ts',
  // What runs in the sandbox of a workflow, where nothing else of a load could.
  'load/merge/index.ts',
  'load/report/index.ts',
  // What of it every run loads.
  'load/report/brief.ts',
  // What of it the script of a page has, too.
  'load/report/format.ts',
  'load/findings.ts',
  'load/explanations.ts',
  // A schema, and defaults, are loaded apart, as those of the kinds are.
  ...['index', 'options', 'words'].map((name) => `load/options/${name}.ts`),
];

test('nothing reaches past the faces of what sends a load, writes it down and tells it', () => {
  const outside = imports.filter(({ from, to }) => to.startsWith('load/') && !from.startsWith('load/'));
  expect(outside.length).toBeGreaterThan(10);
  expect(outside.filter(({ to }) => !FACES_OF_LOAD.includes(to)).map(show)).toEqual([]);
});

test('a harness sees its own folder, the protocol of its kind, what all harnesses share, HTTP/1.1, and the core', () => {
  const isHarness = (file: string): boolean => layerOf(file).endsWith('/harness');
  const all = imports.filter(({ from, own }) => own && isHarness(from));
  expect(all.length).toBeGreaterThan(20);
  const offenders = all.filter(({ from, to }) => {
    const seen = [dirname(from), 'kinds/common/harness', join(dirname(from), '../protocol.ts')];
    return !['core', 'http1'].includes(layerOf(to)) && !seen.includes(dirname(to)) && !seen.includes(to);
  });
  expect(offenders.map(show)).toEqual([]);
});

test('no layer reaches one that reaches it', () => {
  for (const [layer, allowed] of Object.entries(MAY_IMPORT))
    for (const other of allowed) expect(MAY_IMPORT[other], `${layer} and ${other}`).not.toContain(layer);
});

/**
 * Sets of files that all reach each other by their imports: the strongly connected components of more than one file.
 *
 * @param reaches each file, with those that it imports
 * @see Tarjan, “Depth-First Search and Linear Graph Algorithms”, SIAM Journal on Computing 1 (1972)
 */
function circles(reaches: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const lower = (file: string, to: number): void => {
    lowest.set(file, Math.min(lowest.get(file) ?? to, to));
  };
  const visit = (file: string): void => {
    const number = order.size;
    order.set(file, number);
    lower(file, number);
    open.push(file);
    for (const next of reaches.get(file) ?? []) {
      const seen = order.get(next);
      if (seen === undefined) {
        visit(next);
        lower(file, lowest.get(next) ?? number);
      } else if (open.includes(next)) lower(file, seen);
    }
    if (lowest.get(file) === number) {
      const circle = open.splice(open.indexOf(file));
      if (circle.length > 1 || reaches.get(file)?.includes(file)) found.push(circle.sort());
    }
  };
  for (const file of reaches.keys()) if (!order.has(file)) visit(file);
  return found;
}

test('circles are found, and what only meets again is none', () => {
  const graph = { a: ['b'], b: ['c', 'd'], c: ['a'], d: ['e', 'f'], e: ['g'], f: ['g'], g: [], h: ['h'] };
  expect(circles(new Map(Object.entries(graph)))).toEqual([['a', 'b', 'c'], ['h']]);
});

test('the words of a load are plain data: every run loads them, and none of them a schema', () => {
  expect(imports.filter(({ from }) => from === 'load/options/words.ts').map(show)).toEqual([]);
  const loaded = imports.filter(({ from, isType }) => from === 'cli/load-flags.ts' && !isType);
  expect(loaded.map(({ to }) => to).sort()).toEqual([
    'cli/option-values.ts',
    'commander',
    'load/options/words.ts',
  ]);
});

test('no file reaches itself by imports, those of types included', () => {
  const reaches = new Map(imports.map(({ from }): [string, string[]] => [from, []]));
  for (const { from, to, own } of imports) if (own) reaches.get(from)?.push(to);
  expect(reaches.size).toBeGreaterThan(100);
  expect(circles(reaches)).toEqual([]);
});

test('what adds up the reports of several machines runs where there is no Node: nothing that it loads is from outside', () => {
  const reached = new Set(['load/merge/index.ts']);
  const loaded = imports.filter(({ isType }) => !isType);
  for (const file of reached)
    for (const { from, to, own } of loaded) if (own && from === file) reached.add(to);
  expect(reached).toContain('load/hdr/buckets.ts');
  expect(loaded.filter(({ from, own }) => !own && reached.has(from)).map(show)).toEqual([]);
  // No clock, no chance: the same reports make the same whole wherever, and however often, they are added up.
  const effects = /\b(?:Math\.random|Date|performance|process|Buffer|setTimeout|crypto)\b[.(]/;
  expect([...reached].filter((file) => effects.test(readFileSync(join(SRC, file), 'utf8')))).toEqual([]);
});

/** Files of the source with something in them. */
const filesWith = (what: RegExp): string[] =>
  [...new Set(imports.map(({ from }) => from))]
    .filter((file) => what.test(readFileSync(join(SRC, file), 'utf8')))
    .sort();

test('the clock and the owners of processes are made where a program begins, and handed on, so that tests can have others', () => {
  // The reaper is a program of its own.
  expect(filesWith(/\bnew Clock\(/)).toEqual([
    'cli/main.ts',
    'library/guest-run.ts',
    'process/ownership/reaper.ts',
  ]);
  // What a dead run left is undone by those who come after it, the reaper among them.
  expect(filesWith(/\bnew Owner\(/)).toEqual(['cli/run.ts', 'library/guest-run.ts', 'process/undo/left.ts']);
});

test('that a time limit has ended something is told in one place', () => {
  expect(filesWith(/code: 'timeout'/)).toEqual(['core/stop-reason.ts']);
});

test('there is no clock for everybody', async () => {
  const exported = Object.values(await import('../../src/core/clock.ts'));
  expect(exported.filter((each) => typeof each !== 'function')).toEqual([]);
});

test('the core imports nothing from outside', () => {
  const offenders = imports.filter(({ from, own }) => layerOf(from) === 'core' && !own);
  expect(offenders.map(show)).toEqual([]);
});

test('the face of the library is functions that mark a kind, and types: it loads nothing that validates or runs', () => {
  for (const [file, loaded] of Object.entries(FACE)) {
    const lines = readFileSync(join(SRC, file), 'utf8').split('\n');
    const values = lines.filter((line) => /^(?:import|export|\}) (?!type\b).*\bfrom\b|^import '/.test(line));
    expect(values.flatMap(importsOf), file).toEqual(loaded);
  }
});

test('properties have their cases from the rig, which chooses their seed', () => {
  const tests = resolve(SRC, '../test');
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const direct = files.filter((file) =>
    /^import .* from 'fast-check'/m.test(readFileSync(join(tests, file), 'utf8')),
  );
  expect(direct).toEqual(['rig/fast-check.ts']);
});

test('every import of our own names a file that exists', () => {
  const files = new Set(readdirSync(SRC, { recursive: true, encoding: 'utf8' }));
  expect(imports.filter(({ own, to }) => own && !files.has(to)).map(show)).toEqual([]);
});

test('no file is over 400 lines', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const lengths = files.map((file) => ({
    file,
    lines: readFileSync(join(SRC, file), 'utf8').split('\n').length - 1,
  }));
  expect(lengths.filter(({ lines }) => lines > 400)).toEqual([]);
});
