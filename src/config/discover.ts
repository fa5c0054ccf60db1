/** Finds the suite to run: the one that is named, or the config in this folder, or the conventional folder. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { err, type Result } from '../core/result.ts';
import type { MemoryPreset, Suite } from '../core/suite.ts';
import { inForeground } from '../kinds/index.ts';
import { DEFAULT_DIR, DEFAULT_PORT, loadConvention } from './convention.ts';

const EXTENSIONS = ['ts', 'mts', 'js', 'mjs', 'json'];
const CONFIG_NAME = 'shakedown.config';

/** How the user chose a suite; unset where they did not choose. */
export interface SuiteChoice {
  readonly cwd: string;
  /** Path of the library that `shakedown` resolves to in a config. */
  readonly library: string;
  readonly dir?: string;
  readonly config?: string;
  readonly port?: number;
  readonly daemon?: boolean;
  readonly memory?: MemoryPreset;
  readonly raw?: boolean;
}

/** The name of the config file in a folder. */
export function configIn(cwd: string): string | undefined {
  return EXTENSIONS.map((extension) => resolve(cwd, `${CONFIG_NAME}.${extension}`)).find((path) =>
    existsSync(path),
  );
}

/** Finds and loads the suite. */
export async function loadSuite(choice: SuiteChoice): Promise<Result<Suite, Diagnostic[]>> {
  const { cwd, dir } = choice;
  const config =
    choice.config === undefined
      ? dir === undefined
        ? configIn(cwd)
        : undefined
      : resolve(cwd, choice.config);
  if (config !== undefined) {
    if (dir !== undefined)
      return err([{ message: 'use either --dir or --config: a suite is either a folder or a config' }]);
    const misplaced = misplacedIn(choice);
    if (misplaced.length > 0) return err(misplaced);
    const { loadConfig } = await import('./load-config.ts');
    const loaded = await loadConfig(config, choice);
    const suite = loaded.ok && choice.daemon === false ? inForeground(loaded.value) : loaded;
    return suite.ok && choice.memory !== undefined
      ? { ok: true, value: { ...suite.value, memory: choice.memory } }
      : suite;
  }
  if (dir === undefined && !existsSync(resolve(cwd, DEFAULT_DIR))) {
    return err([
      {
        message: `there is nothing to run here: neither ${CONFIG_NAME}.{${EXTENSIONS.join(',')}} nor a folder ${DEFAULT_DIR} in ${cwd}`,
        hint: 'give a folder of scripts with --dir or a config with --config, or let `shakedown new` write one',
      },
    ]);
  }
  return loadConvention(dir ?? DEFAULT_DIR, {
    cwd,
    port: choice.port ?? DEFAULT_PORT,
    daemon: choice.daemon ?? true,
    memory: choice.memory ?? 'debug',
    raw: choice.raw ?? false,
  });
}

/** Options that only a folder of scripts knows, where a config was chosen. */
function misplacedIn({ port, daemon, raw }: SuiteChoice): Diagnostic[] {
  const only = (flag: string): string => `${flag} can only be used with a folder of scripts`;
  return [
    port === undefined
      ? []
      : [{ message: only('--port'), hint: 'in a config, set `port` of the service instead' }],
    daemon === true
      ? [{ message: only('--daemon'), hint: 'in a config, set `daemon: true` of the service instead' }]
      : [],
    raw === undefined ? [] : [{ message: only('--raw') }],
  ].flat();
}
