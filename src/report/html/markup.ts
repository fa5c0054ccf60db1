/** Markup is made here and nowhere else, so that whatever came from a component can only be text. */
import { toJson } from '../../core/harmless.ts';

class Text {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** A piece of a document. */
export type Markup = Text;

/** What a template may hold: markup, and anything else as text. */
export type Content = Markup | string | number | false | null | undefined | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A document cannot hold NUL or half a character, not even escaped. */
const escaped = (text: string): string =>
  text.replace(/[\0\ud800-\udfff]/gu, '\ufffd').replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);

function show(value: Content): string {
  if (value instanceof Text) return value.toString();
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return value === false || value === null || value === undefined ? '' : value.map(show).join('');
}

/**
 * A template of markup. What is put into it is text, within an element or in a quoted attribute, unless it is markup
 * itself; a list is put in piece by piece, and false, null and undefined are nothing.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Text(parts.map((part, index) => (index === 0 ? part : show(values[index - 1]) + part)).join(''));
}

/** Elements whose content is no markup to a browser: it ends where the element does. */
const rawElement = (name: 'script' | 'style', attributes: string, content: string): Markup =>
  new Text(`<${name}${attributes}>${content}</${name}>`);

/**
 * Data for a script of the page, or for another program: JSON in an element with this id.
 *
 * @param id letters and hyphens
 * @param replacer as for `JSON.stringify`
 */
export const jsonBlock = (
  id: string,
  data: unknown,
  replacer?: (key: string, value: unknown) => unknown,
): Markup =>
  // In JSON this character is only in strings; the end of the element, or the start of a comment, needs it.
  rawElement(
    'script',
    ` type="application/json" id="${id}"`,
    toJson(data, replacer).replaceAll('<', '\\u003c'),
  );

/** A script of our own. */
export const scriptBlock = (code: string): Markup => rawElement('script', '', code);

/** Styles of our own. */
export const styleBlock = (css: string): Markup => rawElement('style', '', css);
