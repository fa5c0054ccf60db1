/** Files that the manifest of a package names and that are not in it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { firstFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
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

/** That a folder was not packed is one mistake, however many files of it are named. */
function missingFolder(folder: string, [first, ...others]: readonly [Missing, ...Missing[]]): Finding {
  if (others.length === 0) return missingFile(first);
  return {
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
    const [top = '', ...rest] = each.file.split('/');
    const cause = rest.length > 0 && !existsSync(join(folder, top)) ? top : each.file;
    const known = groups.get(cause);
    if (known === undefined) groups.set(cause, [each]);
    else known.push(each);
  }
  return [...groups].map(([cause, group]) => missingFolder(cause, group));
}
