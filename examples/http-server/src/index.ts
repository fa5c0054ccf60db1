export { canonicalize } from './canonicalize.ts';
export { JsonSyntaxError } from './error.ts';
export { parse } from './parse.ts';
export { stringify } from './stringify.ts';
export type { JsonValue } from './value.ts';
