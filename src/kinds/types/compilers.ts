/** Installs versions of TypeScript from npm, and caches them between runs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from '../../consumer/npm.ts';
import type { Finding } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { cacheFolder, isKept, pruneCache, putInPlace } from '../../store/consumer-cache.ts';
import type { ComponentContext } from '../common/context.ts';

export interface Compiler {
  /** Absolute path of its package. */
  readonly folder: string;
  readonly version: string;
  /** Absolute path of an `@types` folder with Node's types, which every consumer in TypeScript has. */
  readonly typeRoot: string;
}

const MADE = 'package-lock.json';

function compilerIn(folder: string): Compiler {
  const modules = join(folder, 'node_modules');
  const manifest = join(modules, 'typescript', 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { folder: join(modules, 'typescript'), version, typeRoot: join(modules, '@types') };
}

/**
 * @param range a version, a range or a tag, as npm accepts it: `5.9`, `latest`; resolved anew after some days
 */
export async function obtainCompiler(
  range: string,
  context: ComponentContext,
): Promise<Result<Compiler, Finding>> {
  const cache = cacheFolder('typescript', context.env);
  const folder = join(cache, range.replace(/[^\w.-]/g, '+'));
  if (isKept(join(folder, MADE))) return ok(compilerIn(folder));
  pruneCache(cache);
  const draft = mkdtempSync(`${folder}.`);
  writeFileSync(join(draft, 'package.json'), '{ "private": true }\n');
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  const call = {
    step: `install-typescript-${range}`,
    failing: `typescript@${range} cannot be installed`,
    args: ['install', ...options, `typescript@${range}`, '@types/node@latest'],
    cwd: draft,
  };
  const installed = await runNpm(call, context);
  if (!installed.ok) {
    rmSync(draft, { recursive: true, force: true });
    const { message, evidence = [], hint } = installed.error;
    return err({ code: 'no-compiler', message, evidence, ...(hint === undefined ? {} : { hint }) });
  }
  putInPlace(draft, folder, MADE);
  return ok(compilerIn(folder));
}
