/** Programs that run with a fault in a module of theirs, as `prove` runs them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ModuleFault, ModuleFaultReport } from '../../src/core/module-fault.ts';
import type { Environment } from '../../src/core/suite.ts';
import { faultEnvironment, HOOKS, readModuleFault } from '../../src/kinds/common/module-fault.ts';

/** As installed, which the source does not know when it is run as it is. */
export const BUILT = resolve(import.meta.dirname, '../../dist/harness/faults');

export interface HookedRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly report: ModuleFaultReport;
}

/** A folder with files, in which programs run. */
export class HookedFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'shakedown-hooked-'));
  #runs = 0;

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  /** Runs a program without a hook. */
  bare(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Omit<HookedRun, 'report'> {
    const [program = '', ...args] = argv;
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: this.path,
      env,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    return { code: status, stdout, stderr };
  }

  run(argv: readonly string[], fault: ModuleFault, more: Environment = {}): HookedRun {
    this.#runs += 1;
    const records = join(this.path, `records-${this.#runs}`);
    const env = faultEnvironment(fault, { ...(process.env as Environment), ...more }, records);
    const built = Object.entries(env).map(([name, value]) => [name, value.replaceAll(HOOKS, BUILT)]);
    const run = this.bare(argv, Object.fromEntries(built));
    return { ...run, report: readModuleFault(records) };
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
