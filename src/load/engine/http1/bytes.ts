/** What the grammar of HTTP/1.1 says of single bytes (RFC 9110, section 5; RFC 9112, section 2). */

export const CR = 13;
export const LF = 10;
export const SPACE = 32;
export const TAB = 9;
export const COLON = 58;
export const ZERO = 48;
export const NINE = 57;

/** What a reader returns instead of where it has come to. */
export const INCOMPLETE = -1;
export const MALFORMED = -2;

/** Which bytes may be in a token, such as the name of a header. */
export const IS_TOKEN = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
  IS_TOKEN[char.charCodeAt(0)] = 1;

/** Which bytes may be in the value of a header, a reason or a quoted string. */
export const IS_VALUE = new Uint8Array(256).fill(1, SPACE);
IS_VALUE[TAB] = 1;
IS_VALUE[127] = 0;

export const byteAt = (buffer: Buffer, at: number): number => buffer[at] as number;

export const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;

/** What a length may at most be, in bytes: more is not told apart from nonsense. */
export const LARGEST = Number.MAX_SAFE_INTEGER;
