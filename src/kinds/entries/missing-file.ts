import type { Finding } from '../../core/finding.ts';
import type { EntriesComponent } from './component.ts';

export const missingFile = ({ promise, file }: EntriesComponent['missing'][number]): Finding => ({
  code: 'missing-file',
  message: `${promise} names ${file}, which is not in the package`,
  hint: 'check `files` in package.json and what the build makes; npm pack --dry-run lists what is packed',
  promise,
  file,
});
