import type { Pattern } from './pattern.ts';

/** What to break of a command. `file` gets a line for each change. */
export type ClaimOrders =
  /** Nothing: the control. */
  | { readonly type: 'nothing'; readonly file: string }
  /** An empty line in place of each that matches. */
  | { readonly type: 'hide'; readonly pattern: Pattern; readonly file: string }
  /** One line more at the end. */
  | { readonly type: 'say'; readonly line: string; readonly file: string }
  /** Another exit code. */
  | { readonly type: 'exit'; readonly code: number; readonly file: string };
