/** The sources of a project, as a platform that shows them knows them: files below one folder. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { ConfigSource } from '../config/locate.ts';
import type { Place } from '../core/place.ts';
import type { Suite } from '../core/suite.ts';
import type { Locator } from '../report/problems.ts';

/** The real path of a regular file; undefined if there is none. */
function fileAt(path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return statSync(real).isFile() ? real : undefined;
  } catch {
    // It does not exist, or may not be looked at.
    return undefined;
  }
}

const realFolder = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

/** What says of a project how it is tried or built; the first that exists. */
const TELLING = ['package.json', 'pyproject.toml', 'Cargo.toml', 'go.mod', '.gitlab-ci.yml', 'README.md'];

/**
 * For one run.
 *
 * @param base the folder of the sources, which places are relative to: an absolute path
 * @param nearTo a folder, if nothing may be without a place: then the file nearest to it that tells of the project will do
 */
export function createSources(base: string, nearTo?: string): Locator {
  const root = realFolder(base);
  const within = (path: string): string | undefined => {
    const real = fileAt(path);
    return real?.startsWith(`${root}${sep}`) === true ? relative(root, real).replaceAll(sep, '/') : undefined;
  };
  const find = (place: Place, folders: readonly string[]): Place | undefined => {
    // The last: some print paths from the top of the repository, wherever they are run.
    for (const folder of [...folders, root]) {
      const file = within(resolve(folder, place.file));
      if (file !== undefined)
        return { file, line: place.line, ...(place.column === undefined ? {} : { column: place.column }) };
    }
    return undefined;
  };
  const near = nearTo === undefined ? [] : [nearTo, root].flatMap(tellingIn);
  const origins = new Map<string | null, Place | undefined>();
  const origin = (component: string | null, source: Suite['source'] | null): Place | undefined => {
    if (origins.has(component)) return origins.get(component);
    const [place] = [...originsOf(component, source), ...near].flatMap(({ file, line }) => {
      const known = within(file);
      return known === undefined ? [] : [{ file: known, line }];
    });
    origins.set(component, place);
    return place;
  };
  return { find, origin };
}

const tellingIn = (folder: string): Place[] => TELLING.map((name) => ({ file: join(folder, name), line: 1 }));

/** Where a component may be written down, with an absolute path; some of these files may not exist. */
function originsOf(component: string | null, source: Suite['source'] | null): Place[] {
  if (source === null) return [];
  if (source.type === 'package') return [{ file: resolve(source.spec, 'package.json'), line: 1 }];
  if (source.type === 'packages') return [{ file: source.list, line: lineInList(source.list, component) }];
  if (source.type === 'config') return [lineInConfig(source.file, component)];
  return ['', '.py', '.ts'].map((extension) => ({
    file: join(source.dir, `${component ?? 'setup'}${extension}`),
    line: 1,
  }));
}

/** A list has a package on each line. */
function lineInList(file: string, name: string | null): number {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return (
      1 +
      Math.max(
        0,
        lines.findIndex((line) => line.trim().split(/\s/, 1)[0] === name),
      )
    );
  } catch {
    return 1;
  }
}

function lineInConfig(file: string, component: string | null): Place {
  if (component === null || !existsSync(file)) return { file, line: 1 };
  try {
    const found = new ConfigSource(file, readFileSync(file, 'utf8')).find(['components', component], true);
    return { file, line: found?.location.line ?? 1 };
  } catch {
    return { file, line: 1 };
  }
}
