/** A part of the page: each is a file with a function that draws it, and a place in the list in `document.ts`. */
import type { ScriptName } from './assets.ts';
import type { Markup } from './markup.ts';
import type { RunRecord } from './record.ts';

export interface Section {
  /** In the address of the page: `#findings`. */
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
  /** What it needs besides the script that every page has. */
  readonly script?: ScriptName;
}

/** @returns undefined if there is nothing to show */
export type DrawSection = (record: RunRecord) => Section | undefined;
