/** Character classes of HTTP/1.1 (RFC 9110, section 5; RFC 9112, section 2). */
export const CR = 13;
export const LF = 10;
export const SPACE = 32;
export const TAB = 9;
export const COLON = 58;
export const ZERO = 48;
export const NINE = 57;

/** What a parser returns instead of its position. */
export const INCOMPLETE = -1;
export const MALFORMED = -2;

/** Bytes of a token, such as a header's name. */
export const IS_TOKEN = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
  IS_TOKEN[char.charCodeAt(0)] = 1;

/** Bytes of a header's value, a reason phrase or a quoted string. */
export const IS_VALUE = new Uint8Array(256).fill(1, SPACE);
IS_VALUE[TAB] = 1;
IS_VALUE[127] = 0;

export const byteAt = (buffer: Buffer, at: number): number => buffer[at] as number;

export const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;

/** Limit of a length in bytes; anything larger counts as malformed. */
export const LARGEST = Number.MAX_SAFE_INTEGER;
