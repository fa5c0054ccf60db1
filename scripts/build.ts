/** Builds `dist/`: the bundles of the command, the library and the reaper, their types, and the JSON Schema. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

// Made beside the old one and put in its place at the end: a run of the old one finds its files meanwhile.
const fresh = `dist-${process.pid}`;
const old = `dist-old-${process.pid}`;
await build({
  entryPoints: {
    cli: 'src/cli/main.ts',
    index: 'src/index.ts',
    reaper: 'src/process/ownership/reaper.ts',
    'load-worker': 'src/load/worker.ts',
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
  },
  outdir: fresh,
  bundle: true,
  // Few files load faster than many, and parts that a command does not need are chunks that it does not load.
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  chunkNames: 'chunks/[name]-[hash]',
});
cpSync('src/harness/python', `${fresh}/harness/python`, { recursive: true });
execFileSync('tsc', ['--project', 'tsconfig.build.json', '--outDir', fresh], { stdio: 'inherit' });
if (existsSync('dist')) renameSync('dist', old);
renameSync(fresh, 'dist');
rmSync(old, { recursive: true, force: true });
