/** The packages of a monorepo, and which of them one of them needs. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { satisfies } from 'semver';
import { err, ok, type Result } from '../core/result.ts';
import { globBelow } from '../files/glob.ts';
import { readJson } from '../files/read-json.ts';
import type { ConsumerFailure } from './failure.ts';
import type { Manifest } from './installed-package.ts';
import { upwards } from './packer.ts';

/** A package of a workspace. */
export interface Member {
  /** Absolute path. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** Nobody can install it. */
  readonly isPrivate: boolean;
  readonly manifest: Manifest;
}

type WorkspaceManifest = Partial<Manifest> & {
  readonly private?: unknown;
  readonly workspaces?: unknown;
};

const unquoted = (text: string): string => text.trim().replace(/^(['"])(.*)\1$/, '$2');

const withoutComment = (line: string): string =>
  line.startsWith('#') ? '' : (line.split(/\s#/, 1)[0] ?? '').trimEnd();

/**
 * Reads the one list of pnpm-workspace.yaml that matters here, in both forms that YAML has for it.
 *
 * @returns its patterns; none if there is no such list
 */
export function patternsIn(yaml: string): string[] {
  const lines = yaml.split('\n').map(withoutComment);
  const at = lines.findIndex((line) => line.startsWith('packages:'));
  if (at === -1) return [];
  const inline = /^packages:\s*\[([^\]]*)\]$/.exec(lines[at] ?? '')?.[1];
  if (inline !== undefined) return inline.split(',').map(unquoted).filter(Boolean);
  const below = lines.slice(at + 1).filter((line) => line !== '');
  const end = below.findIndex((line) => !/^\s*- /.test(line));
  return below.slice(0, end === -1 ? below.length : end).map((line) => unquoted(line.replace(/^\s*- /, '')));
}

/** @returns the patterns of its packages' folders; undefined if it is not the root of a workspace */
function patternsOf(root: string): readonly string[] | undefined {
  const pnpm = join(root, 'pnpm-workspace.yaml');
  if (existsSync(pnpm)) return patternsIn(readFileSync(pnpm, 'utf8'));
  const { workspaces } = readJson<WorkspaceManifest | null>(join(root, 'package.json')) ?? {};
  const list = Array.isArray(workspaces)
    ? (workspaces as unknown[])
    : (workspaces as { readonly packages?: unknown } | undefined)?.packages;
  return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : undefined;
}

function memberAt(folder: string): Member[] {
  const manifest = readJson<(Manifest & { readonly private?: unknown }) | null>(join(folder, 'package.json'));
  const { name, version } = manifest ?? {};
  if (!manifest || typeof name !== 'string' || typeof version !== 'string') return [];
  return [{ folder, name, version, manifest, isPrivate: manifest.private === true }];
}

const EVERYWHERE = ['**/node_modules/**', '**/.git/**', '**/.shakedown/**'];

/**
 * @param root absolute path of the root of a workspace
 * @returns its packages that have a name and a version, the root among them, by the path of their folder; undefined if
 *   it is not the root of a workspace
 */
export async function membersOf(root: string): Promise<readonly Member[] | undefined> {
  const patterns = patternsOf(root);
  if (patterns === undefined) return undefined;
  const trimmed = patterns.map((pattern) => pattern.replace(/^(!?)(?:\.\/)?(.*?)\/?$/, '$1$2'));
  const ignore = trimmed.filter((each) => each.startsWith('!')).map((each) => `${each.slice(1)}/**`);
  const wanted = trimmed.filter((each) => !each.startsWith('!'));
  const options = { ignore: [...EVERYWHERE, ...ignore] };
  const found = await Promise.all(wanted.map((each) => globBelow(root, `${each}/package.json`, options)));
  const folders = new Set([root, ...found.flat().map(dirname)]);
  return [...folders].sort().flatMap(memberAt);
}

/** The packages of the workspace that a folder is a package of; none if it is in no workspace. */
export async function workspaceAround(folder: string): Promise<readonly Member[]> {
  for (const root of upwards(folder)) {
    const members = await membersOf(root);
    if (members?.some((member) => member.folder === folder)) return members;
  }
  return [];
}

/** Whether a dependency means the neighbour, as package managers decide it, and not the registry. */
function isMeant(range: string, { version }: Member): boolean {
  return /^(?:workspace|file|link|portal|catalog):/.test(range) || satisfies(version, range);
}

function isBundled(name: string, { bundleDependencies, bundledDependencies }: Manifest): boolean {
  const bundled = bundleDependencies ?? bundledDependencies ?? false;
  return bundled === true || (Array.isArray(bundled) && bundled.includes(name));
}

/** What a consumer of a package gets with it. */
function neededBy({ dependencies, peerDependencies, optionalDependencies }: Manifest): [string, string][] {
  return [dependencies, peerDependencies, optionalDependencies].flatMap((each) => Object.entries(each ?? {}));
}

/**
 * @param members of its workspace
 * @returns the neighbours that a package needs, and those that these need; or why nobody can install it
 */
export function neighboursOf(
  member: Member,
  members: readonly Member[],
): Result<readonly Member[], ConsumerFailure> {
  const found = new Set<Member>();
  const open = [member];
  for (let each = open.pop(); each !== undefined; each = open.pop())
    for (const [name, range] of neededBy(each.manifest)) {
      const neighbour = members.find((other) => other.name === name);
      if (neighbour === undefined || neighbour === member || found.has(neighbour)) continue;
      if (!isMeant(range, neighbour) || isBundled(name, each.manifest)) continue;
      if (neighbour.isPrivate && range.startsWith('workspace:')) return err(unpublished(each, neighbour));
      // Another package of that name is meant, or npm says that there is none.
      if (neighbour.isPrivate) continue;
      found.add(neighbour);
      open.push(neighbour);
    }
  return ok([...found]);
}

const unpublished = (member: Member, { name }: Member): ConsumerFailure => ({
  blame: 'package',
  message: `${member.name} depends on ${name}, which is private in its workspace, so nobody can install it`,
  hint: `publish ${name}, or bundle what is needed of it and make it one of the devDependencies`,
});
