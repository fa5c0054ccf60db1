/** Why Shakedown and an oracle differ: for all packages of which that holds, or for those that are named. */

export interface OracleReason {
  /** Of the objection, or of the finding that no oracle has. */
  readonly code: string;
  /** With their versions; absent: it holds wherever nothing else is said. */
  readonly specs?: readonly string[];
  /** In Markdown. */
  readonly because: string;
}

export const ORACLE_REASONS: readonly OracleReason[] = [
  {
    code: 'Untyped',
    because: 'it has no declarations of its own; those of `@types` are tried by their own name',
  },
  {
    code: 'CJSResolvesToESM',
    because: 'an ES module on purpose; Node.js can `require` it since 20.19 and 22.12',
  },
  {
    code: 'INVALID_REPOSITORY_VALUE',
    because: 'concerns the page of the package on npm, and nobody who uses it',
  },
];
