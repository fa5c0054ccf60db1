/** What is sent in a body, and what is demanded of an answer, as plain data. */
import type { StatusRange } from './status-range.ts';

/** Bytes as plain data: text, or any bytes in base64. Templates are filled in text only. */
export interface LoadBody {
  readonly encoding: 'utf8' | 'base64';
  readonly content: string;
  /** Whether it was given as a value, and stays JSON whatever is filled in. */
  readonly isJson?: boolean;
}

/** How a text must match. */
export type TextMatch =
  | { readonly type: 'equals'; readonly text: string }
  | { readonly type: 'contains'; readonly text: string }
  | { readonly type: 'matches'; readonly source: string; readonly flags: string };

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A check of every response. */
export type LoadCheck =
  | { readonly type: 'status'; readonly ranges: readonly StatusRange[] }
  /** `match` null: the header must be present. */
  | { readonly type: 'header'; readonly name: string; readonly match: TextMatch | null }
  | { readonly type: 'body'; readonly match: TextMatch }
  /** The value at a path in the JSON body. `text` is the value with its numbers exact, where JavaScript's are not. */
  | {
      readonly type: 'json';
      readonly path: readonly (string | number)[];
      readonly value: JsonValue;
      readonly text?: string;
    }
  /** Length of the body in bytes. */
  | { readonly type: 'length'; readonly bytes: number };
