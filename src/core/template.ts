/** Texts with placeholders: `/users/{{id}}`. Anything between the braces, trimmed, is a name. */
const PLACE = /\{\{([^{}]*)\}\}/g;

/** The name for the number of the request or, with steps, of the iteration: from 1, unless a column has that name. */
export const COUNTER = 'counter';

/** The name for the number of the user of a load with steps, from 1. */
export const USER = 'user';

/** Texts alternating with the names between them: text, name, text, name, …, text. */
export const splitTemplate = (text: string): string[] =>
  text.split(PLACE).map((part, index) => (index % 2 === 1 ? part.trim() : part));

/** The names in a template, in order. */
export const templateNames = (text: string): string[] =>
  splitTemplate(text).filter((_, index) => index % 2 === 1);
