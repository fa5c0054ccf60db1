/** A line for something that ran, which opens to show what it consisted of. There may be thousands: each is short. */
import { formatDuration } from '../../core/units.ts';
import type { Verdict } from '../../core/verdict.ts';
import { type Content, html, type Markup } from './markup.ts';

const MARKS = { passed: '✓', failed: '✗', inconclusive: '?', skipped: '○' } as const satisfies Record<
  Verdict,
  string
>;

/** A mark, with its word for those who do not see it. */
export const mark = (verdict: Verdict): Markup =>
  html`<span class="mark" role="img" aria-label="${verdict}">${MARKS[verdict]}</span>`;

/** @param meaning what it stands for, as a tip */
export const flag = (word: string, meaning: string): Markup =>
  html`<span class="flag" title="${meaning}">${word}</span>`;

export interface Part {
  readonly id: string;
  readonly verdict: Verdict;
  readonly name: string;
  readonly kind: string | null;
  readonly flags: readonly Markup[];
  /** What stands beside the name; a text, or a command as markup. */
  readonly text: Content;
  /** Null if it has not run to an end. */
  readonly durationMs: number | null;
  readonly body: readonly Content[];
}

const isEmpty = (content: Content): boolean =>
  content === undefined || content === false || (Array.isArray(content) && content.every(isEmpty));

/** Its mark is put in front of it by the styles; the end of an entry of a list needs no tag. */
export function part({ id, verdict, name, kind, flags, text, durationMs, body }: Part): Markup {
  const took = durationMs === null ? '' : formatDuration(durationMs);
  const said = typeof text === 'string' && text !== '' ? html`<span class="text">${text}</span>` : text;
  const line = html`<b>${name}</b>${kind !== null && html`<i>${kind}</i>`}${flags}${said}<small>${took}</small>`;
  return html`
<li${verdict !== 'passed' && html` class="${verdict}"`} id="${id}">${
    body.every(isEmpty)
      ? html`<div>${line}</div>`
      : html`<details><summary>${line}</summary><div class="body">${body}</div></details>`
  }`;
}
