/** The installations that a run tries: of one package or of each in a workspace, for each Node, with each choice of peers. */
import { join } from 'node:path';
import { err, ok, type Result } from '../core/result.ts';
import type { Ms } from '../core/units.ts';
import type { CommandContext } from '../process/run-owned.ts';
import { describedPackage } from './described-package.ts';
import type { ConsumerFailure } from './failure.ts';
import { installPackage, type Manner } from './install.ts';
import { type InstalledPackage, readInstalled } from './installed-package.ts';
import { type OtherNode, obtainNode } from './other-node.ts';
import { PackedFolders } from './packed-folders.ts';
import { type PeerEnd, peersAt, readPeers } from './peers.ts';
import type { PackageSpec } from './spec.ts';
import { within } from './time-limit.ts';
import { type Member, membersOf } from './workspace.ts';

/** What is to be tried, as the command line says. */
export interface TrialOptions {
  /** Each public package of a workspace. */
  readonly workspaces: boolean;
  /** Versions of Node: `22`, `22.11`; none: the one in use. */
  readonly nodes: readonly string[];
  /** None: what npm chooses. */
  readonly peers: readonly PeerEnd[];
  /** How long each installation may take. */
  readonly limit: Ms;
}

/** One installation. */
export interface Trial {
  /** A short name of the package, if several are tried. */
  readonly of: string | null;
  readonly node: { readonly asked: string; readonly is: OtherNode } | null;
  readonly peers: { readonly end: PeerEnd; readonly versions: readonly string[] } | null;
  readonly outcome: Result<InstalledPackage, ConsumerFailure>;
  readonly durationMs: number;
}

interface Subject {
  readonly of: string | null;
  readonly spec: PackageSpec;
}

const withoutScope = (name: string): string => name.replace(/^@[^/]*\//, '');

/** For the names of components, which are those of files as well: `ui`, or `@a+ui` where `@b/ui` is another one. */
function shortName(name: string, members: readonly Member[]): string {
  const short = withoutScope(name);
  const isUnique = members.filter((other) => withoutScope(other.name) === short).length === 1;
  return isUnique ? short : name.replace('/', '+');
}

async function subjectsOf(
  spec: PackageSpec,
  isEach: boolean,
): Promise<Result<readonly Subject[], ConsumerFailure>> {
  if (!isEach) return ok([{ of: null, spec }]);
  const members = spec.type === 'folder' ? await membersOf(spec.path) : undefined;
  if (members === undefined)
    return err({
      blame: 'spec',
      message: `--workspaces: ${spec.type === 'registry' ? spec.name : spec.path} is not the root of a workspace`,
      hint: 'give a folder with `workspaces` in its package.json, or with a pnpm-workspace.yaml',
    });
  const published = members.filter(({ isPrivate }) => !isPrivate);
  const subjects = published.map(
    ({ name, folder }): Subject => ({
      of: shortName(name, published),
      spec: { type: 'folder', path: folder },
    }),
  );
  if (subjects.length > 0) return ok(subjects);
  return err({
    blame: 'spec',
    message: '--workspaces: the workspace has no package to publish',
    hint: 'all its packages are private, or have no version',
  });
}

/** Installs for one subject after the other, each time with what is left to be chosen. */
class Installer {
  readonly #packed = new PackedFolders();
  readonly #limit: Ms;
  readonly #context: CommandContext;
  #steps = 0;
  readonly trials: Trial[] = [];

  constructor(limit: Ms, context: CommandContext) {
    this.#limit = limit;
    this.#context = context;
  }

  /** Within the time limit, and where the same steps have other names than before. */
  #do<T>(work: (context: CommandContext) => Promise<T>): Promise<T> {
    this.#steps += 1;
    const { id } = this.#context;
    const own = { ...this.#context, id: this.#steps === 1 ? id : join(id, String(this.#steps)) };
    return within(this.#limit, own, work);
  }

  async install({ of, spec }: Subject, node: Trial['node'], peers: Trial['peers'] = null): Promise<Trial> {
    const { clock } = this.#context;
    const startedAt = clock.now();
    const manner = { beside: peers?.versions ?? [], node: node?.is ?? null, packed: this.#packed };
    const outcome = await this.#installed(spec, manner);
    const trial = { of, node, peers, outcome, durationMs: clock.now() - startedAt };
    this.trials.push(trial);
    return trial;
  }

  /** Declarations of somebody else have what they describe beside them. */
  async #installed(spec: PackageSpec, manner: Manner): Promise<Trial['outcome']> {
    const alone = await this.#do((own) => installPackage(spec, own, manner));
    if (!alone.ok) return alone;
    const described = await this.#do((own) => describedPackage(alone.value.manifest, own));
    if (!described.ok) return described;
    if (described.value === undefined) return alone;
    const { name, version } = described.value;
    const beside = [...(manner.beside ?? []), `${name}@${version}`];
    const both = await this.#do((own) => installPackage(spec, own, { ...manner, beside }));
    return both.ok ? ok({ ...both.value, described: readInstalled(both.value.consumer, name) }) : both;
  }

  /** Installs with the peers at each end; once, if both are the same. A package without peers is tried as it is. */
  async installWithPeers(
    subject: Subject,
    node: Trial['node'],
    ends: readonly PeerEnd[],
  ): Promise<ConsumerFailure | undefined> {
    const { outcome } = await this.install(subject, node);
    if (!outcome.ok) return undefined;
    const { spec } = subject;
    const siblings =
      spec.type === 'folder' ? await this.#do((own) => this.#packed.siblingsOf(spec.path, own)) : ok([]);
    if (!siblings.ok) return siblings.error;
    const known = siblings.value.map(({ name }) => name);
    const peers = await this.#do((own) => readPeers(outcome.value.manifest, known, own));
    if (!peers.ok) return peers.error;
    if (peers.value.length === 0) return undefined;
    this.trials.pop();
    const tried = new Set<string>();
    for (const end of ends) {
      const versions = peersAt(end, peers.value);
      if (tried.has(versions.join())) continue;
      tried.add(versions.join());
      await this.install(subject, node, { end, versions });
    }
    return undefined;
  }
}

const isOver = ({ outcome }: Trial): boolean =>
  !outcome.ok && ['machine', 'trouble'].includes(outcome.error.blame);

/**
 * Installs all that is to be tried, one after the other.
 *
 * @returns the installations, in the order of packages, Nodes and peers; or why there is none. What concerns the
 *   machine ends them all
 */
export async function installAll(
  spec: PackageSpec,
  { workspaces, nodes, peers, limit }: TrialOptions,
  context: CommandContext,
): Promise<Result<readonly Trial[], ConsumerFailure>> {
  const subjects = await subjectsOf(spec, workspaces);
  if (!subjects.ok) return subjects;
  const chosen: Trial['node'][] = nodes.length === 0 ? [null] : [];
  for (const asked of nodes) {
    const node = await within(limit, context, (own) => obtainNode(asked, own));
    if (!node.ok) return node;
    chosen.push({ asked, is: node.value });
  }
  const installer = new Installer(limit, context);
  for (const subject of subjects.value)
    for (const node of chosen) {
      const failure =
        peers.length === 0
          ? await installer.install(subject, node).then(() => undefined)
          : await installer.installWithPeers(subject, node, peers);
      if (failure !== undefined) return err(failure);
      const failed = installer.trials.find((each) => isOver(each) || context.signal.aborted);
      if (failed !== undefined && !failed.outcome.ok) return failed.outcome;
    }
  const [only, ...others] = installer.trials;
  return only !== undefined && others.length === 0 && !only.outcome.ok ? only.outcome : ok(installer.trials);
}
