/** The content codings of a body (RFC 9110, section 8.4). */
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';

/** Larger bodies are passed on unchanged. */
export const LARGEST_BODY = 16 * 1024 * 1024;

const LIMIT = { maxOutputLength: LARGEST_BODY };

/** A decoded body, and the way back. */
export interface Decoded {
  readonly body: Buffer;
  readonly encode: (body: Buffer) => Buffer;
}

type Decode = (body: Buffer) => Decoded;

const gzip: Decode = (body) => ({ body: gunzipSync(body, LIMIT), encode: (changed) => gzipSync(changed) });

/** Servers send it with a zlib header, as they should, or without one. */
function deflate(body: Buffer): Decoded {
  try {
    return { body: inflateSync(body, LIMIT), encode: (changed) => deflateSync(changed) };
  } catch {
    return { body: inflateRawSync(body, LIMIT), encode: (changed) => deflateRawSync(changed) };
  }
}

/** Brotli's default quality takes a hundred times as long. */
const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const brotli: Decode = (body) => ({
  body: brotliDecompressSync(body, LIMIT),
  encode: (changed) => brotliCompressSync(changed, QUICK),
});

const CODINGS: Readonly<Record<string, Decode>> = {
  '': (body) => ({ body, encode: (changed) => changed }),
  identity: (body) => ({ body, encode: (changed) => changed }),
  gzip,
  'x-gzip': gzip,
  deflate,
  br: brotli,
};

/**
 * @param coding the value of `content-encoding`
 * @returns undefined for an unknown coding, or a body that is not in it
 */
export function decode(body: Buffer, coding: string): Decoded | undefined {
  try {
    return CODINGS[coding.trim().toLowerCase()]?.(body);
  } catch {
    return undefined;
  }
}
