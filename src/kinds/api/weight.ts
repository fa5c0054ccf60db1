/** What a package costs those who install it and those who load it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageContents } from '../../consumer/installed-package.ts';

export interface Weight {
  /** Of its own files, unpacked. */
  readonly bytes: number;
  readonly files: number;
  /** How many other packages npm installs with it. */
  readonly dependencies: number;
  /** The packages whose installation runs a script, itself included. */
  readonly scripts: readonly string[];
}

interface Lock {
  readonly packages?: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
}

const MODULES = 'node_modules/';

/** What npm writes down of an installation. */
function lockOf(consumer: string): Lock {
  const path = join(consumer, 'node_modules', '.package-lock.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Lock) : {};
}

export function weightOf({ consumer, folder }: Pick<PackageContents, 'consumer' | 'folder'>): Weight {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !`${entry.parentPath}/`.slice(folder.length).includes(`/${MODULES}`),
  );
  const installed = Object.entries(lockOf(consumer).packages ?? {});
  return {
    bytes: files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0),
    files: files.length,
    dependencies: Math.max(0, installed.length - 1),
    scripts: installed.flatMap(([path, { hasInstallScript }]) =>
      hasInstallScript === true ? [path.slice(path.lastIndexOf(MODULES) + MODULES.length)] : [],
    ),
  };
}
