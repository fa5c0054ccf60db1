import type { Pattern } from './pattern.ts';

/** What to break about a command. `file` gets a line for each change. */
export type ClaimOrders =
  /** Nothing: the control. */
  | { readonly type: 'nothing'; readonly file: string }
  /** Empties each matching line. */
  | { readonly type: 'hide'; readonly pattern: Pattern; readonly file: string }
  /** Adds a line at the end. */
  | { readonly type: 'say'; readonly line: string; readonly file: string }
  /** Another exit code. */
  | { readonly type: 'exit'; readonly code: number; readonly file: string };
