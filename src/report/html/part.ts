/** A line for something that ran, which opens to show what it consisted of. */
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
  readonly text: string;
  /** Null if it has not run to an end. */
  readonly durationMs: number | null;
  readonly body: readonly Content[];
}

const isEmpty = (content: Content): boolean =>
  content === undefined || content === false || (Array.isArray(content) && content.every(isEmpty));

export function part({ id, verdict, name, kind, flags, text, durationMs, body }: Part): Markup {
  const took = durationMs === null ? '' : formatDuration(durationMs);
  const line = html`${mark(verdict)}<span class="name">${name}</span>${kind !== null && html`<span class="kind">${kind}</span>`}${flags}${text !== '' && html`<span class="text">${text}</span>`}<span class="took">${took}</span>`;
  return html`
<li class="part ${verdict}" id="${id}">${
    body.every(isEmpty)
      ? html`<div class="line">${line}</div>`
      : html`<details><summary class="line">${line}</summary><div class="body">${body}</div></details>`
  }</li>`;
}
