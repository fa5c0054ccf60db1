/** A log as markup: lines of text, in their colours. */
import { visible } from '../../../core/harmless.ts';
import { startOf } from '../../../core/shorten.ts';
import { html, type Markup } from '../markup.ts';
import { PLAIN, type Span, type Style, spansOf } from './colours.ts';
import type { Excerpt } from './excerpt.ts';
import { masked } from './masked.ts';

/** In characters. What is longer is data rather than something to read, and browsers are slow with it. */
const LONGEST_LINE = 2000;

/** What `ComponentLog` puts in front of the lines of another process. */
const SPEAKER = /^==> .{1,200} <==$/;

const classOf = ({ text, ground, marks }: Style): string =>
  [...(text === null ? [] : [`t${text}`]), ...(ground === null ? [] : [`g${ground}`]), ...marks].join(' ');

function spanMarkup({ text, style }: Span): Markup | string {
  const shown = visible(text);
  const names = classOf(style);
  return names === '' ? shown : html`<span class="${names}">${shown}</span>`;
}

function lineMarkup(line: string, before: Style): { markup: Markup; after: Style } {
  if (SPEAKER.test(line)) return { markup: html`<b>${visible(line)}</b>\n`, after: before };
  const shown = startOf(line, LONGEST_LINE);
  const { spans, after } = spansOf(shown, before);
  const more = line.length - shown.length;
  const cut = more > 0 && html`<i> … ${more} more characters</i>`;
  return { markup: html`${masked(spans, more > 0).map(spanMarkup)}${cut}\n`, after };
}

function linesMarkup(lines: readonly string[]): Markup[] {
  let style = PLAIN;
  return lines.map((line) => {
    const { markup, after } = lineMarkup(line, style);
    style = after;
    return markup;
  });
}

/** Its lines, for an element that keeps them apart; that something is left out stands between them. */
export const excerptMarkup = ({ head, tail, leftOut }: Excerpt): Markup =>
  html`${linesMarkup(head)}${
    leftOut > 0 && html`<i class="cut">⋯ ${Math.ceil(leftOut / 1024)} KiB left out ⋯</i>\n`
  }${linesMarkup(tail)}`;
