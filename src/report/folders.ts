/** What paths that a component prints may be relative to. */
import type { RunState } from './state.ts';

/**
 * @param component its name, without a fault; null for what is no component's
 * @returns absolute paths: where it is run, and where the suite is
 */
export const foldersOf = (
  component: string | null,
  { root, folders }: Pick<RunState, 'root' | 'folders'>,
): readonly string[] =>
  component !== null && Object.hasOwn(folders, component) ? [folders[component] ?? root, root] : [root];
