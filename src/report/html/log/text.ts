/**
 * A log for the page: its text in one piece, which browsers read fast, and beside it what the parts of it look like. The page
 * colours a log when it is opened.
 */
import { visible } from '../../../core/harmless.ts';
import { startOf } from '../../../core/shorten.ts';
import { PLAIN, type Span, type Style, spansOf } from './colours.ts';
import type { Excerpt } from './excerpt.ts';
import { masked } from './masked.ts';

/** In characters. What is longer is data rather than something to read, and browsers are slow with it. */
const LONGEST_LINE = 2000;

/** What `ComponentLog` puts in front of the lines of another process. */
const SPEAKER = /^==> .{1,200} <==$/;

/** The names of the styles of the page, of a line that says who speaks and of what Shakedown says itself. */
const WHO = 'who';
const ASIDE = 'aside';

/** A piece of text, and the names of its styles, each after a point; empty: none. */
interface Piece {
  readonly text: string;
  readonly names: string;
}

export interface LogText {
  readonly text: string;
  /** For each part that does not look plain: how many characters are before it since the last one, its length, its names. */
  readonly looks: string;
}

const namesOf = ({ text, ground, marks }: Style): string =>
  [...(text === null ? [] : [`t${text}`]), ...(ground === null ? [] : [`g${ground}`]), ...marks].join('.');

const pieceOf = ({ text, style }: Span): Piece => ({ text: visible(text), names: namesOf(style) });

const NEWLINE: Piece = { text: '\n', names: '' };

function lineOf(line: string, before: Style): { pieces: Piece[]; after: Style } {
  if (SPEAKER.test(line)) return { pieces: [{ text: visible(line), names: WHO }, NEWLINE], after: before };
  const shown = startOf(line, LONGEST_LINE);
  const { spans, after } = spansOf(shown, before);
  const more = line.length - shown.length;
  const cut = more > 0 ? [{ text: ` … ${more} more characters`, names: ASIDE }] : [];
  return { pieces: [...masked(spans, more > 0).map(pieceOf), ...cut, NEWLINE], after };
}

function piecesOf(lines: readonly string[]): Piece[] {
  let style = PLAIN;
  return lines.flatMap((line) => {
    const { pieces, after } = lineOf(line, style);
    style = after;
    return pieces;
  });
}

/** Its lines; that something is left out stands between them. */
export function logText({ head, tail, leftOut }: Excerpt): LogText {
  const cut: Piece[] =
    leftOut > 0 ? [{ text: `⋯ ${Math.ceil(leftOut / 1024)} KiB left out ⋯`, names: ASIDE }, NEWLINE] : [];
  const looks: string[] = [];
  let text = '';
  let last = 0;
  for (const piece of [...piecesOf(head), ...cut, ...piecesOf(tail)]) {
    if (piece.names !== '' && piece.text !== '') {
      looks.push(`${text.length - last},${piece.text.length},${piece.names}`);
      last = text.length + piece.text.length;
    }
    text += piece.text;
  }
  return { text, looks: looks.join(' ') };
}
