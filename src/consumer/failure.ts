/** Why a package could not be fetched or installed, in the user's terms. */
export interface ConsumerFailure {
  /**
   * What is at fault: the name that was given, the package itself, or the machine (no npm, no network). `trouble`: the
   * machine could do nothing at all, such as when its disk is full. `stopped`: it was ended before it had an outcome.
   */
  readonly blame: 'spec' | 'package' | 'machine' | 'trouble' | 'stopped';
  /** Culprit and cause in one line. */
  readonly message: string;
  readonly evidence?: readonly string[];
  /** The next step. */
  readonly hint?: string;
  /** The package says itself that it is not for the Python in use, or has nothing for it. */
  readonly isExcluded?: true;
}
