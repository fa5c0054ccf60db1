/** Changes made by hand that show a suite to be blind: with the library changed so, its tests still pass. */

export interface Change {
  /** The package whose suite is blind. */
  readonly suite: string;
  /** The faults that it confirms, as the table of `prove` names them. */
  readonly faults: readonly string[];
  /** From the folder of the package. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const CHANGES: readonly Change[] = [
  {
    suite: 'bottle',
    faults: ['static_file wrong-result'],
    file: 'bottle.py',
    from: 'HTTPError(404, "File does not exist.")',
    to: 'HTTPError(404, "File does nou exist.")',
  },
];
