import { canonicalize, JsonSyntaxError, type JsonValue } from '../src/index.ts';

/** What `GET /document` serves, and the text it must arrive as. */
export const document: JsonValue = {
  title: 'Fähre',
  stops: ['Kiel', 'Oslo'],
  knots: 21.5,
  car: { max: 750 },
};
export const documentText = '{"car":{"max":750},"knots":21.5,"stops":["Kiel","Oslo"],"title":"Fähre"}';

/**
 * Texts with the answer each must get: its canonical form, or the reason for its refusal. The answers are
 * written out rather than computed, so that a wrong library cannot confirm itself.
 */
export const samples = [
  {
    accepted: true,
    text: '{ "b" : [ 1.0, -0, 1E21, 2e-3, 5e-324, 333333333.33333329 ],\n  "a" : { "y": null, "x": true } }',
    answer: '{"a":{"x":true,"y":null},"b":[1,0,1e+21,0.002,5e-324,333333333.3333333]}',
  },
  {
    accepted: true,
    text: '"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/"',
    answer: '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"',
  },
  {
    // UTF-16 order: the surrogates of the ferry come before U+FB33, although its code point is higher.
    accepted: true,
    text: '{"\\ufb33":1,"\\ud83d\\udea2":2,"\\u20ac":3,"10":4,"9":5,"\\r":6,"__proto__":7}',
    answer: '{"\\r":6,"10":4,"9":5,"__proto__":7,"€":3,"🚢":2,"\ufb33":1}',
  },
  { accepted: false, text: '{"a": 1,\n "a": 2}', answer: 'line 2, column 2: duplicate key "a"' },
  { accepted: false, text: '[1,\r\n2,]', answer: 'line 2, column 3: expected a value, found "]"' },
  { accepted: false, text: '["\\ud83d"]', answer: 'line 1, column 2: string with a lone surrogate' },
  { accepted: false, text: '{"deep": [1e400', answer: 'line 1, column 11: number too large for a double' },
] as const;

/** What the library makes of a text: the canonical form, or the reason for its refusal. */
export function answerTo(text: string): string {
  try {
    return canonicalize(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
}
