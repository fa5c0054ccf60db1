/** Builds `dist/`: the bundles of the command, the library and what runs in other processes, and their types. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { type InputOptions, type OutputOptions, type Plugin, rolldown } from 'rolldown';
import { PROGRAMS } from '../src/kinds/index.ts';

// Made beside the old one and put in its place at the end: a run of the old one finds its files meanwhile.
const fresh = `dist-${process.pid}`;
const old = `dist-old-${process.pid}`;

/**
 * What every command needs is part of the bundle: to find a package takes as long as to load it. So is how npm reads the
 * name of a package, six packages of a megabyte, which would be installed for everybody and of which a tenth is code.
 */
const BUNDLED = [
  'commander',
  'picocolors',
  'npm-package-arg',
  'semver',
  'cjs-module-lexer',
  'es-module-lexer/js',
];

/**
 * What every run loads, in one file: a few dozen files, as modules that several commands share would come to, take
 * longer to find than to run.
 */
const EVERY_RUN =
  /\/src\/(?:core|files|process(?!\/containers)|report\/terminal)\/|\/src\/store\/(?!consumer-cache|proof-cache|remembered|setup-cache)|\/src\/(?:kinds\/[^/]+|load)\/findings\.ts$|\/src\/kinds\/(?:[^/]+\/kind|index|http\/own-services|(?:command|http)\/run)\.ts$|\/src\/engine\/(?!setup|hold|watched|shared\/(?:co|front))|\/src\/(?:plan\/plan|config\/(?:discover|convention)|load\/options\/words|report\/(?:state|details|evidence|snapshot|summary|worst|proof)|cli\/(?:load-flags|run|reports|destination|signals|screen|terminal-report))\.ts$/;

/** Whether an import is left to be found when the program runs. What is bundled is so with all that it needs. */
function isExternal(id: string, importer: string | undefined): boolean {
  if (id.startsWith('.') || isAbsolute(id)) return false;
  const isOfBundled = importer?.includes('/node_modules/') === true && !isBuiltin(id);
  return !isOfBundled && !BUNDLED.includes(id);
}

/** The folders of the packages that have become part of a bundle. */
const bundled = new Set<string>();

/** The library holds the words of a load against those of all kinds, and never runs one. */
const WITHOUT_RUNS: Plugin = {
  name: 'without-runs',
  load: (id) => (/\/src\/kinds\/[^/]+\/run\.ts$/.test(id) ? 'export {};' : null),
};

async function bundle(
  input: Record<string, string>,
  output: OutputOptions,
  options: InputOptions = {},
): Promise<void> {
  const build = await rolldown({
    input,
    platform: 'node',
    external: isExternal,
    transform: { target: 'node20' },
    // What is loaded late by one part may be loaded at once by another.
    checks: { ineffectiveDynamicImport: false },
    ...options,
  });
  const written = await build.write({
    dir: fresh,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    ...output,
  });
  for (const file of written.output)
    for (const id of file.type === 'chunk' ? file.moduleIds : [])
      bundled.add(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? '');
  await build.close();
}

await bundle({ cli: 'src/cli/start.ts' }, { codeSplitting: { groups: [{ name: 'run', test: EVERY_RUN }] } });
await bundle(
  { index: 'src/index.ts', 'load-worker': 'src/load/engine/worker.ts' },
  {},
  { plugins: [WITHOUT_RUNS] },
);
const programs = {
  reaper: 'src/process/ownership/reaper.ts',
  'doctor-servers': 'src/load/doctor/servers.ts',
  asker: 'src/starter/asker.ts',
  'harness-proxy': 'src/proxy/harness/main.ts',
  'harness-proxy-inside': 'src/proxy/harness/inside.ts',
  'harness-claims': 'src/kinds/common/harness/claims/main.ts',
  'harness-typescript': 'src/kinds/common/harness/typescript.ts',
  ...Object.fromEntries(PROGRAMS),
};
for (const [name, source] of Object.entries(programs))
  await bundle({ [name]: source }, { codeSplitting: false });

/** What runs in the HTML report: put into it as it is, so each is a script of its own. */
const PAGE = 'src/report/html/page';
const SCRIPTS = { page: `${PAGE}/main.ts`, plots: `${PAGE}/plots/main.ts` };
mkdirSync(`${fresh}/html`);
for (const [name, source] of Object.entries(SCRIPTS))
  await bundle(
    { [name]: source },
    { dir: `${fresh}/html`, format: 'iife', minify: true, codeSplitting: false },
    { platform: 'browser', external: [], transform: { target: 'es2022' } },
  );
const styles = readdirSync(PAGE).filter((name) => name.endsWith('.css'));
writeFileSync(
  `${fresh}/html/page.css`,
  // That of the page comes before those of its parts, and that of others before ours.
  [
    'node_modules/uplot/dist/uPlot.min.css',
    ...styles
      .sort((a, b) => Number(b === 'page.css') - Number(a === 'page.css'))
      .map((name) => join(PAGE, name)),
  ]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
    .replace(/\/\*[^*]*\*\//g, '')
    .replace(/\s+/g, ' '),
);

/** What a server of Temporal has agents carry out: for the sandbox of its SDK, so bundled by that. */
const { code } = await bundleWorkflowCode({
  workflowsPath: resolve('src/distributed/workflow.ts'),
  logger: new DefaultLogger('WARN'),
});
const INLINE_MAP = '//# sourceMappingURL=data:';
// The worker of the SDK insists on a map; it is as large as all of the code, and of use to nobody here.
const noMap = Buffer.from('{"version":3,"file":"workflows.cjs","sources":[],"names":[],"mappings":""}');
writeFileSync(
  `${fresh}/workflows.cjs`,
  `${code.slice(0, code.lastIndexOf(INLINE_MAP))}${INLINE_MAP}application/json;base64,${noMap.toString('base64')}`,
);

bundled.delete('');
const licenses = [...bundled].map((folder) => {
  const file = readdirSync(folder).find((name) => /^licen[cs]e(?:\.|$)/i.test(name));
  if (file === undefined) throw new Error(`${folder} has no license`);
  return `${folder.replace(/^.*\/node_modules\//, '')}\n\n${readFileSync(join(folder, file), 'utf8')}`;
});
writeFileSync(`${fresh}/LICENSES.txt`, licenses.sort().join('\n\n'));
for (const kind of readdirSync('src/kinds')) {
  const shim = `src/kinds/${kind}/harness/main.py`;
  if (existsSync(shim)) cpSync(shim, `${fresh}/harness/python/${kind}.py`);
}
cpSync('src/kinds/examples/harness/shakedown_examples', `${fresh}/harness/python/shakedown_examples`, {
  recursive: true,
  filter: (path) => !path.includes('__pycache__'),
});
// Not among the others: as types.py it would stand in the way of Python's own.
cpSync('src/kinds/types/harness/declarations.py', `${fresh}/harness/declarations.py`);
const FAULTS = 'src/kinds/common/harness/faults';
for (const file of readdirSync(FAULTS).filter((name) => name.endsWith('.py')))
  cpSync(`${FAULTS}/${file}`, `${fresh}/harness/faults/${file}`);
/** Of the lexers those in JavaScript, which are ready at once; without what has V8 say that they are no asm.js once bundled. */
const PLAIN_LEXERS: Plugin = {
  name: 'plain-lexers',
  resolveId: (id) => (id === 'cjs-module-lexer' ? createRequire(import.meta.url).resolve(id) : null),
  transform: (code, id) =>
    id.includes('/es-module-lexer/') ? code.replaceAll(/(['"])use asm\1;?/g, '') : null,
};
for (const name of ['main', 'loader'])
  await bundle(
    { [name]: `${FAULTS}/${name}.ts` },
    // By `--require` in every Node as well, and in the thread of its hooks.
    { dir: `${fresh}/harness/faults`, format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    { plugins: [PLAIN_LEXERS] },
  );
const SHIMS = 'src/kinds/common/harness/unheard';
for (const file of ['lost_errors.py', 'sitecustomize.py'])
  cpSync(`${SHIMS}/${file}`, `${fresh}/harness/unheard/${file}`);
await bundle(
  { main: `${SHIMS}/main.ts` },
  // Every Node loads this by `--require`, in whatever it runs.
  { dir: `${fresh}/harness/unheard`, format: 'cjs', entryFileNames: '[name].cjs' },
);
execFileSync('tsc', ['--project', 'tsconfig.build.json', '--outDir', fresh], { stdio: 'inherit' });

/** Types that the face of the library does not lead to are of no use to anybody. */
function dropTypes(): void {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, to = ''] of readFileSync(join(fresh, file), 'utf8').matchAll(/['"](\.[^'"]+)\.[jt]s['"]/g))
      visit(join(dirname(file), `${to}.d.ts`));
  };
  visit('index.d.ts');
  for (const file of readdirSync(fresh, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.d.ts') && !reached.has(file)) rmSync(join(fresh, file));
}
dropTypes();
if (existsSync('dist')) renameSync('dist', old);
renameSync(fresh, 'dist');
rmSync(old, { recursive: true, force: true });
