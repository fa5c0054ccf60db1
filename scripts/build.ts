/** Builds `dist/`: the bundles of the command, the library and what runs in other processes, and their types. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { type OutputOptions, rolldown } from 'rolldown';

// Made beside the old one and put in its place at the end: a run of the old one finds its files meanwhile.
const fresh = `dist-${process.pid}`;
const old = `dist-old-${process.pid}`;

/** What every command needs is part of the bundle: to find a package takes as long as to load it. */
const BUNDLED = ['commander', 'picocolors'];

/**
 * What every run loads, in one file: a few dozen files, as modules that several commands share would come to, take
 * longer to find than to run.
 */
const EVERY_RUN =
  /\/src\/(?:domain|files|plan|process|report\/terminal)\/|\/src\/engine\/(?!setup)|\/src\/(?:config\/(?:discover|convention)|report\/(?:state|standing)|components\/(?:run|run-step|context)|cli\/(?:run|reports|destination|signals|screen|terminal-report))\.ts$/;

const isPackage = (id: string): boolean => !id.startsWith('.') && !isAbsolute(id) && !BUNDLED.includes(id);

async function bundle(input: Record<string, string>, output: OutputOptions): Promise<void> {
  const build = await rolldown({
    input,
    platform: 'node',
    external: isPackage,
    transform: { target: 'node20' },
    // What is loaded late by one part may be loaded at once by another.
    checks: { ineffectiveDynamicImport: false },
  });
  await build.write({
    dir: fresh,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    ...output,
  });
  await build.close();
}

await bundle({ cli: 'src/cli/start.ts' }, { codeSplitting: { groups: [{ name: 'run', test: EVERY_RUN }] } });
await bundle({ index: 'src/index.ts', 'load-worker': 'src/load/worker.ts' }, {});
const PROGRAMS = {
  reaper: 'src/process/ownership/reaper.ts',
  'doctor-servers': 'src/load/doctor/servers.ts',
  'harness-entries': 'src/harness/entries/main.ts',
  'harness-typescript': 'src/harness/typescript.ts',
  'harness-init': 'src/harness/init/main.ts',
  'harness-init-modules': 'src/harness/init/modules.ts',
  'harness-init-pairs': 'src/harness/init/pairs.ts',
  'harness-threads': 'src/harness/threads/main.ts',
  'harness-threads-worker': 'src/harness/threads/worker.ts',
  'harness-types-real': 'src/harness/types/real.ts',
  'harness-types-declared': 'src/harness/types/declared.ts',
};
for (const [name, source] of Object.entries(PROGRAMS))
  await bundle({ [name]: source }, { codeSplitting: false });

const licenses = BUNDLED.map((name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8')}`);
writeFileSync(`${fresh}/LICENSES.txt`, licenses.join('\n\n'));
cpSync('src/harness/python', `${fresh}/harness/python`, { recursive: true });
execFileSync('tsc', ['--project', 'tsconfig.build.json', '--outDir', fresh], { stdio: 'inherit' });
if (existsSync('dist')) renameSync('dist', old);
renameSync(fresh, 'dist');
rmSync(old, { recursive: true, force: true });
