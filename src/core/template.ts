/** Texts with places for values: `/users/{{id}}`. Whatever stands between the braces, but for blanks around it, is a name. */
const PLACE = /\{\{([^{}]*)\}\}/g;

/** The name that stands for the number of the request, from 1, when no column has it. */
export const COUNTER = 'counter';

/** Texts and the names between them: text, name, text, name, …, text. */
export const splitTemplate = (text: string): string[] =>
  text.split(PLACE).map((part, index) => (index % 2 === 1 ? part.trim() : part));

/** The names in a template, in order. */
export const templateNames = (text: string): string[] =>
  splitTemplate(text).filter((_, index) => index % 2 === 1);
