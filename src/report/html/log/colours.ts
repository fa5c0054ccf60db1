/**
 * The colours of a line of output, as a terminal would show them: one of 16, since a page is light or dark and has its own
 * shade of each, in which it can be read. All other sequences are left out.
 */
import { ESCAPE_SEQUENCE, goesBack, shownText, withoutEnd } from '../../../text/terminal-text.ts';

/** How the text that follows looks. */
export interface Style {
  /** 0 to 15; null: that of the page. */
  readonly text: number | null;
  readonly ground: number | null;
  readonly marks: readonly Mark[];
}

export type Mark = 'bold' | 'dim' | 'italic' | 'underline' | 'struck' | 'inverse';

/** A piece of a line in one style. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

export const PLAIN: Style = { text: null, ground: null, marks: [] };

const ON: Readonly<Record<number, Mark>> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  7: 'inverse',
  9: 'struck',
};
const OFF: Readonly<Record<number, readonly Mark[]>> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  29: ['struck'],
};

const BLACK = 0;
const GREY = 8;
const SILVER = 7;
const WHITE = 15;
/** Red, yellow, green, cyan, blue, magenta: in the order of the colour circle. */
const CIRCLE = [1, 3, 2, 6, 4, 5];
const BRIGHT = 8;

/** The one of the 16 that is most like it. @param red of 255, as are the others */
export function nearest(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue);
  const spread = most - Math.min(red, green, blue);
  if (spread < 40) return most < 64 ? BLACK : most < 144 ? GREY : most < 224 ? SILVER : WHITE;
  const turn =
    most === red
      ? (green - blue) / spread
      : most === green
        ? 2 + (blue - red) / spread
        : 4 + (red - green) / spread;
  const hue = CIRCLE[(Math.round(turn) + 6) % 6] ?? SILVER;
  return most > 208 ? hue + BRIGHT : hue;
}

/** Of the 256 of xterm: 16, a cube of six steps each, and shades of grey. */
function ofIndex(index: number): number | null {
  if (!(index >= 0 && index <= 255)) return null;
  if (index < 16) return index;
  if (index >= 232) return nearest(...grey(8 + (index - 232) * 10));
  const step = (of: number): number => (of === 0 ? 0 : 55 + of * 40);
  const at = index - 16;
  return nearest(step(Math.floor(at / 36)), step(Math.floor(at / 6) % 6), step(at % 6));
}

const grey = (level: number): [number, number, number] => [level, level, level];

/** What follows 38 or 48: `5;INDEX`, or `2;RED;GREEN;BLUE`. @returns the colour, and how many numbers it took */
function extended(numbers: readonly number[]): { colour: number | null; took: number } {
  if (numbers[0] === 5) return { colour: ofIndex(numbers[1] ?? -1), took: 2 };
  const [, red = 0, green = 0, blue = 0] = numbers;
  return numbers[0] === 2 ? { colour: nearest(red, green, blue), took: 4 } : { colour: null, took: 0 };
}

/** @param numbers of a sequence that selects how characters look (SGR) */
function styled(before: Style, numbers: readonly number[]): Style {
  let style = before;
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at] ?? 0;
    const on = ON[code];
    const off = OFF[code];
    if (code === 0) style = PLAIN;
    else if (on !== undefined) style = { ...style, marks: [...new Set([...style.marks, on])] };
    else if (off !== undefined)
      style = { ...style, marks: style.marks.filter((mark) => !off.includes(mark)) };
    else if (code === 39) style = { ...style, text: null };
    else if (code === 49) style = { ...style, ground: null };
    else if (code >= 30 && code <= 37) style = { ...style, text: code - 30 };
    else if (code >= 90 && code <= 97) style = { ...style, text: code - 90 + BRIGHT };
    else if (code >= 40 && code <= 47) style = { ...style, ground: code - 40 };
    else if (code >= 100 && code <= 107) style = { ...style, ground: code - 100 + BRIGHT };
    else if (code === 38 || code === 48) {
      const { colour, took } = extended(numbers.slice(at + 1, at + 5));
      style = { ...style, [code === 38 ? 'text' : 'ground']: colour };
      at += took;
    }
  }
  return style;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
const SELECTS = /^(?:\u001b\[|\u009b)([\d;:]{0,100})m$/;

/**
 * @param raw a line
 * @param before the style in which it begins
 * @returns its spans, and the style in which the next line begins
 */
export function spansOf(raw: string, before: Style): { spans: Span[]; after: Style } {
  const line = withoutEnd(raw);
  // What was overwritten is gone, and the colours of what overwrote it matter little.
  if (goesBack(line)) return { spans: [{ text: shownText(line), style: before }], after: before };
  const spans: Span[] = [];
  let style = before;
  let at = 0;
  const put = (text: string): void => {
    if (text !== '') spans.push({ text, style });
  };
  for (const match of line.matchAll(ESCAPE_SEQUENCE)) {
    put(line.slice(at, match.index));
    at = match.index + match[0].length;
    const selects = SELECTS.exec(match[0])?.[1];
    if (selects !== undefined) style = styled(style, selects.split(/[;:]/).map(Number));
  }
  put(line.slice(at));
  return { spans, after: style };
}
