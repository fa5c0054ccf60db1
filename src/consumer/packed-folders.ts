/** Packs folders, each once in a run: the packages of a workspace need each other. */
import { ok, type Result } from '../core/result.ts';
import type { CommandContext } from '../process/run-owned.ts';
import type { ConsumerFailure } from './failure.ts';
import { packFolder } from './pack.ts';
import { neighboursOf, workspaceAround } from './workspace.ts';

/** A package that stands in for the registry's. */
export interface Sibling {
  readonly name: string;
  /** Absolute path. */
  readonly tarball: string;
}

export class PackedFolders {
  readonly #packed = new Map<string, Promise<Result<string, ConsumerFailure>>>();

  /** @returns absolute path of its tarball */
  pack(folder: string, context: CommandContext): Promise<Result<string, ConsumerFailure>> {
    const known = this.#packed.get(folder);
    if (known !== undefined) return known;
    const id = this.#packed.size === 0 ? context.id : `${context.id}/${this.#packed.size}`;
    const packed = packFolder(folder, { ...context, id });
    this.#packed.set(folder, packed);
    return packed;
  }

  /** Packs what a package of a workspace needs of its neighbours. */
  async siblingsOf(
    folder: string,
    context: CommandContext,
  ): Promise<Result<readonly Sibling[], ConsumerFailure>> {
    const members = await workspaceAround(folder);
    const member = members.find((each) => each.folder === folder);
    if (member === undefined) return ok([]);
    const neighbours = neighboursOf(member, members);
    if (!neighbours.ok) return neighbours;
    const siblings: Sibling[] = [];
    for (const neighbour of neighbours.value) {
      const tarball = await this.pack(neighbour.folder, context);
      if (!tarball.ok) return tarball;
      siblings.push({ name: neighbour.name, tarball: tarball.value });
    }
    return ok(siblings);
  }
}
