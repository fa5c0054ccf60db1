/** TypeScript on a Node that cannot read it by itself. */
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Whether a file is in TypeScript, which this Node does not read. */
export const needsJiti = (path: string): boolean =>
  ['.ts', '.mts', '.cts'].includes(extname(path)) &&
  !('typescript' in process.features && process.features.typescript);

/**
 * An `import` of it would read it twice, once for the names of what it exports, and that takes longer than to load it.
 *
 * @param path absolute path of a file in TypeScript
 * @throws whatever it throws
 */
export async function loadWithJiti(path: string): Promise<unknown> {
  const { createJiti } = createRequire(import.meta.url)('jiti') as typeof import('jiti');
  return createJiti(pathToFileURL(path).href, { tsconfigPaths: true }).import(path);
}
