/** mypy, in an environment of its own: nothing of it may be found by what it checks. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../../core/result.ts';
import type { CommandContext } from '../../process/run-owned.ts';
import { cacheFolder, isKept, pruneCache } from '../../store/consumer-cache.ts';
import type { ConsumerFailure } from '../failure.ts';
import { placeDraft } from './draft.ts';
import { chosenPython, installerEnvironment } from './environment.ts';
import { runTool } from './run-tool.ts';
import type { PythonTools } from './tools.ts';

export interface Mypy {
  /** The Python of its environment: of the same build as the one that it checks for. */
  readonly python: string;
  /** Where its modules are: stubtest runs in the environment that it looks at. */
  readonly site: string;
  readonly version: string;
}

const MADE = 'mypy.json';

function mypyIn(folder: string): Mypy | undefined {
  const library = join(folder, 'lib');
  for (const name of readdirSync(library)) {
    const site = join(library, name, 'site-packages');
    const version = /^mypy-(.+)\.dist-info$/;
    for (const file of readdirSync(site)) {
      const found = version.exec(file)?.[1];
      if (found !== undefined) return { python: join(folder, 'bin', 'python'), site, version: found };
    }
  }
  return undefined;
}

/** Installs the newest mypy for a Python, or reuses one. */
export async function obtainMypy(
  { interpreter: { path, build }, pip, uv }: PythonTools,
  context: CommandContext,
): Promise<Result<Mypy, ConsumerFailure>> {
  const cache = cacheFolder('mypy', context.env);
  const folder = join(cache, Buffer.from(`${path} ${build}`).toString('base64url').slice(-80));
  if (!isKept(join(folder, MADE))) {
    pruneCache(cache);
    const draft = mkdtempSync(`${folder}.`);
    const python = join(draft, 'bin', 'python');
    const install =
      uv === undefined
        ? ([...pip, '--python', python, 'install', 'mypy'] as const)
        : ([uv, 'pip', 'install', '--python', python, '--no-progress', 'mypy'] as const);
    const failing = 'mypy cannot be installed';
    const steps = [
      {
        step: 'mypy-venv',
        argv: [path, '-m', 'venv', '--without-pip', draft],
        env: chosenPython(context.env),
      },
      { step: 'mypy-install', argv: install, env: installerEnvironment(context.env) },
    ] as const;
    for (const step of steps) {
      const done = await runTool(
        { ...step, argv: [step.argv[0], ...step.argv.slice(1)], failing, cwd: draft },
        context,
      );
      if (done.ok) continue;
      rmSync(draft, { recursive: true, force: true });
      return done;
    }
    writeFileSync(join(draft, MADE), '{}');
    placeDraft(draft, folder);
  }
  const mypy = mypyIn(folder);
  return mypy === undefined
    ? err({ blame: 'machine', message: 'mypy was installed, and cannot be found' })
    : ok(mypy);
}
