/** Which entry points are held against those of the last release by what they declare. */
import type { EntryPoint } from '../../consumer/installed-package.ts';
import type { TypedPackage } from '../../consumer/typed-package.ts';

/** What a JSON file holds is data: that `package.json` can be loaded promises nobody that its `devDependencies` stay. */
const isData = ({ import: imported, require }: EntryPoint): boolean =>
  imported?.format === 'json' || require?.format === 'json';

/** @param entryPoints of the last release, like `before` */
export function comparedSpecifiers(
  before: Pick<TypedPackage, 'entries'>,
  after: Pick<TypedPackage, 'entries'>,
  entryPoints: readonly EntryPoint[],
): string[] {
  const kept = new Set(after.entries.map(({ specifier }) => specifier));
  const data = new Set(entryPoints.filter(isData).map(({ specifier }) => specifier));
  return before.entries.map(({ specifier }) => specifier).filter((each) => kept.has(each) && !data.has(each));
}
