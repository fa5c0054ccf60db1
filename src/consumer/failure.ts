/** Why a package could not be had, in the user's terms. */
export interface ConsumerFailure {
  /**
   * Who is to mend it: whoever named the package, the package itself, or the machine (no npm, no network). `trouble` is
   * that of a machine on which nothing could be done.
   * What is `stopped` was ended before it could come to anything.
   */
  readonly blame: 'spec' | 'package' | 'machine' | 'trouble' | 'stopped';
  /** Culprit and cause in one line. */
  readonly message: string;
  readonly evidence?: readonly string[];
  /** The next step. */
  readonly hint?: string;
}
