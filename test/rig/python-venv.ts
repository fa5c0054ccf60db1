/** Packages of Python that a test needs for real, in an environment of their own that is kept. */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** @returns the folder with its programs, among them `python` */
export const venvPrograms = (name: string): string => resolve('node_modules/.cache', name, 'bin');

/** @returns why they cannot be had; undefined if they are there */
export function installVenv(name: string, packages: readonly string[]): string | undefined {
  const programs = venvPrograms(name);
  const venv = resolve(programs, '..');
  /** Made last. */
  const installed = join(venv, 'installed');
  if (existsSync(installed)) return undefined;
  try {
    rmSync(venv, { recursive: true, force: true });
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'pipe' });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
    execFileSync(join(programs, 'python'), install, { stdio: 'pipe', timeout: 300_000 });
    writeFileSync(installed, '');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
