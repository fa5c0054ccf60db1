/** Texts with places for values: `/users/{{id}}`. */
const PLACE = /\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}/g;

/** The name that stands for the number of the request, from 1, when no column has it. */
export const COUNTER = 'counter';

/** Texts and the names between them: text, name, text, name, …, text. */
export const splitTemplate = (text: string): string[] => text.split(PLACE);

/** The names in a template, in order. */
export const templateNames = (text: string): string[] =>
  splitTemplate(text).filter((_, index) => index % 2 === 1);
