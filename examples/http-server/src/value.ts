/** Anything a JSON text can say. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** How deep arrays and objects may nest, so that hostile or cyclic input cannot exhaust the stack. */
export const MAX_DEPTH = 1000;
