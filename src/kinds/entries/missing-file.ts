/** Files that the manifest of a package names and that are not in it. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { firstFew } from '../../core/few.ts';
import type { Finding, Mend } from '../../core/finding.ts';
import type { NodeEntriesComponent } from './component.ts';

type Missing = NodeEntriesComponent['missing'][number];

const SHOWN = 8;
const HINT =
  'check `files` in package.json and what the build makes; npm pack --dry-run lists what is packed';

export const missingFile = ({ promise, file }: Missing): Finding => ({
  code: 'missing-file',
  message: `${promise} names ${file}, which is not in the package`,
  hint: HINT,
  promise,
  file,
});

/** What of its path is not there: that a folder was not packed is one mistake, whatever names files in it. */
export function absentPart(file: string, folder: string): string {
  const [top = '', ...rest] = file.split('/');
  return rest.length > 0 && !existsSync(join(folder, top)) ? top : file;
}

/** @param part of its path that is not there */
export const missingPart = (part: string): string => `no file ${part}`;

/** Where a file of that name is instead, if there is just one: most likely it was moved, or is built elsewhere. */
function moved({ promise, file }: Missing, folder: string): { readonly mend: Mend } | undefined {
  const same = (existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [])
    .filter((entry) => entry.isFile() && entry.name === basename(file))
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
  const [found, ...others] = same.filter((path) => !path.startsWith('node_modules/'));
  if (found === undefined || others.length > 0) return undefined;
  const key = /^exports\[(".+")\]$/.exec(promise)?.[1] ?? `"${promise}"`;
  return { mend: { file: 'package.json', lines: [`${key}: "./${found}"`] } };
}

/** One finding, however many files of a folder are named. */
function missingFolder(
  folder: string,
  [first, ...others]: readonly [Missing, ...Missing[]],
  root: string,
): Finding {
  const mistake = missingPart(folder);
  if (others.length === 0) return { ...missingFile(first), ...moved(first, root), mistake };
  return {
    mistake,
    code: 'missing-file',
    message: `${first.promise} and ${others.length} more name files in ${folder}, which is not in the package`,
    evidence: firstFew(
      [first, ...others].map(({ promise, file }) => `${promise} names ${file}`),
      SHOWN,
    ),
    hint: HINT,
    promise: first.promise,
    file: folder,
  };
}

/** @returns one for each file, and for each folder that is missing as a whole */
export function missingFiles({ missing, package: { folder } }: NodeEntriesComponent): Finding[] {
  const groups = new Map<string, [Missing, ...Missing[]]>();
  for (const each of missing) {
    const cause = absentPart(each.file, folder);
    const known = groups.get(cause);
    if (known === undefined) groups.set(cause, [each]);
    else known.push(each);
  }
  return [...groups].map(([cause, group]) => missingFolder(cause, group, folder));
}
