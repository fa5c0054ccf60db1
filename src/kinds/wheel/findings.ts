import { type DetailsOf, failed, note } from '../../core/finding.ts';

export const WHEEL_FINDINGS = {
  'missing-license': failed<{ readonly files: readonly string[] }>(),
  unlicensed: note(),
  'build-paths': failed<{
    /** Folders of the machine that built it. */
    readonly folders: readonly string[];
  }>(),
  'unstable-abi': failed<{ readonly names: readonly string[] }>(),
  unstripped: note<{ readonly debugBytes: number }>(),
  'wheel-profile': note<{
    /** Of the file. */
    readonly bytes: number;
    /** Of what it installs. */
    readonly installedBytes: number;
    readonly files: number;
    /** How many extension modules, libraries and programs. */
    readonly binaries: number;
  }>(),
};

declare module '../../core/finding.ts' {
  interface FindingDetails extends DetailsOf<typeof WHEEL_FINDINGS> {}
}
