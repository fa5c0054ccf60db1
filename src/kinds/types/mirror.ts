/**
 * A mirror of folders: a tree in which everything has the same place as in the original, but some files are copies with
 * other content. Everything else is linked, so it costs little. What checkers find by relative paths, in node_modules, or
 * by the links of a workspace, they also find in the mirror.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}${sep}`);

/** @returns the innermost folder that contains all of them */
export function commonFolder(folders: readonly string[]): string {
  const [first = sep, ...others] = folders;
  let common = first;
  while (others.some((folder) => !isWithin(folder, common)) && dirname(common) !== common)
    common = dirname(common);
  return common;
}

/** A folder and those around it, up to `top`. */
function upTo(top: string, folder: string): string[] {
  const found: string[] = [];
  for (let at = folder; isWithin(at, top); at = dirname(at)) {
    found.push(at);
    if (at === top) break;
  }
  return found;
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

class Mirror {
  readonly #top: string;
  readonly #into: string;
  readonly #copies: ReadonlyMap<string, string>;
  /** Folders of the original that are real folders in the mirror. */
  readonly #own: Set<string>;

  constructor(top: string, into: string, copies: ReadonlyMap<string, string>, folders: readonly string[]) {
    this.#top = top;
    this.#into = into;
    this.#copies = copies;
    const all = [top, ...folders, ...[...copies.keys()].map((file) => dirname(file))];
    this.#own = new Set(all.flatMap((folder) => upTo(top, folder)));
    for (const folder of [...this.#own]) this.#ownLinks(join(folder, 'node_modules'));
  }

  make(): void {
    this.#make(this.#top);
  }

  /** Links from packages to mirrored folders must lead into the mirror. */
  #ownLinks(modules: string): void {
    if (!existsSync(modules)) return;
    const scopes = readdirSync(modules)
      .filter((name) => name.startsWith('@'))
      .map((name) => join(modules, name));
    for (const folder of [modules, ...scopes]) {
      const leadsHere = readdirSync(folder, { withFileTypes: true }).some(
        (entry) => entry.isSymbolicLink() && this.#own.has(realPathOf(join(folder, entry.name)) ?? ''),
      );
      if (leadsHere) for (const each of upTo(this.#top, folder)) this.#own.add(each);
    }
  }

  #at(path: string): string {
    return join(this.#into, relative(this.#top, path));
  }

  #make(folder: string): void {
    mkdirSync(this.#at(folder), { recursive: true });
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const text = this.#copies.get(path);
      if (text !== undefined) writeFileSync(this.#at(path), text);
      else if (this.#own.has(path)) this.#make(path);
      else if (!isWithin(this.#into, path))
        symlinkSync(this.#target(path, entry.isSymbolicLink()), this.#at(path));
    }
  }

  #target(path: string, isLink: boolean): string {
    const real = isLink ? realPathOf(path) : undefined;
    return real !== undefined && this.#own.has(real) ? this.#at(real) : path;
  }
}

/**
 * @param top absolute path, without symbolic links, of the folder that is mirrored
 * @param into absolute path, without symbolic links, of the folder that becomes the mirror
 * @param copies the files that have other content, by their absolute paths
 * @param folders absolute paths of further folders that must be real in the mirror, so that files can be added
 */
export function mirror(
  top: string,
  into: string,
  copies: ReadonlyMap<string, string>,
  folders: readonly string[],
): void {
  new Mirror(top, into, copies, folders).make();
}
