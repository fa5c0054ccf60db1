/** The real package managers beside npm, installed once from its registry. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** By the name that a test gives them: package, version, and what it is called on the PATH. */
const PACKERS = {
  pnpm: { package: 'pnpm@10.22.0', name: 'pnpm', program: 'pnpm/bin/pnpm.cjs' },
  berry: { package: '@yarnpkg/cli-dist@4.10.3', name: 'yarn', program: '@yarnpkg/cli-dist/bin/yarn.js' },
  classic: { package: 'yarn@1.22.22', name: 'yarn', program: 'yarn/bin/yarn.js' },
  bun: { package: 'bun@1.3.2', name: 'bun', program: 'bun/bin/bun.exe' },
} as const;

export type PackerName = keyof typeof PACKERS;

/**
 * @returns a PATH that begins with this package manager, and no other one than npm after it
 * @throws when it is not there yet, and cannot be fetched
 */
export function pathWith(packer: PackerName): string {
  const { package: spec, name, program } = PACKERS[packer];
  const folder = resolve('node_modules/.cache/packers', packer);
  const mark = join(folder, 'installed');
  const bin = join(folder, 'bin');
  if (!existsSync(mark)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(bin, { recursive: true });
    const install = ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, spec];
    execFileSync('npm', install, { stdio: 'pipe', timeout: 300_000 });
    symlinkSync(join(folder, 'node_modules', program), join(bin, name));
    writeFileSync(mark, '');
  }
  return [bin, process.env.PATH].join(delimiter);
}
