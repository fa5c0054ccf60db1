/** Control groups that a Shakedown has made: they are to be gone as well. */
import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

function below(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => [join(folder, name), ...below(join(folder, name))]);
  } catch {
    return [];
  }
}

function mountPoint(): string | undefined {
  const mount = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((line) => line.includes(' - cgroup2 '));
  return mount?.split(' ')[4];
}

/** The groups, and those within, that the Shakedown with this pid has made. Groups are named after it. */
export function groupsOf(pid: number): string[] {
  const mount = mountPoint();
  return mount === undefined ? [] : below(mount).filter((path) => path.includes(`/shakedown-${pid}-`));
}

/** Removes groups without members; from the innermost. */
export function removeGroups(paths: readonly string[]): void {
  for (const path of paths.toSorted((a, b) => b.length - a.length)) {
    try {
      rmdirSync(path);
    } catch {
      // It is gone, or somebody has moved in.
    }
  }
}
