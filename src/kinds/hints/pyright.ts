/** pyright, from npm: that of PyPI fetches it from there when it runs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsumerFailure } from '../../consumer/failure.ts';
import { runNpm } from '../../consumer/npm.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { readJson } from '../../files/read-json.ts';
import { cacheFolder, isKept, pruneCache, putInPlace } from '../../store/consumer-cache.ts';
import type { ComponentContext } from '../common/context.ts';

export interface Pyright {
  /** Absolute path of its program for Node. */
  readonly program: string;
  readonly version: string;
}

const MADE = 'package-lock.json';

/** Installs the newest pyright, or reuses one. */
export async function obtainPyright(context: ComponentContext): Promise<Result<Pyright, ConsumerFailure>> {
  const cache = cacheFolder('pyright', context.env);
  const folder = join(cache, 'latest');
  if (!isKept(join(folder, MADE))) {
    pruneCache(cache);
    const draft = mkdtempSync(`${folder}.`);
    writeFileSync(join(draft, 'package.json'), '{ "private": true }\n');
    const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
    const call = {
      ...{ step: 'install-pyright', failing: 'pyright cannot be installed', cwd: draft },
      args: ['install', ...options, 'pyright@latest'],
    };
    const installed = await runNpm(call, context);
    if (!installed.ok) {
      rmSync(draft, { recursive: true, force: true });
      return err(installed.error);
    }
    putInPlace(draft, folder, MADE);
  }
  const own = join(folder, 'node_modules', 'pyright');
  const version = readJson<{ version: string }>(join(own, 'package.json'))?.version ?? '';
  return ok({ program: join(own, 'index.js'), version });
}
