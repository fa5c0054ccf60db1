/** Parses the head of a response. */
import { byteAt, CR, INCOMPLETE, SPACE, ZERO } from './bytes.ts';
import { HeadReader } from './head.ts';

/** What must be known about a head to read what follows it. */
export interface HeadFacts {
  readonly status: number;
  readonly keepAlive: boolean;
  /** The content-length; -1 if there is none. */
  readonly length: number;
  readonly isChunked: boolean;
}

const PREFIX = Buffer.from('HTTP/1.');
/** Bytes needed to judge a status line: `HTTP/1.1 200` and the byte after it. */
const STATUS_LENGTH = 13;

export class ResponseHeadReader extends HeadReader implements HeadFacts {
  status = 0;

  protected readFirst(buffer: Buffer, start: number, to: number): number {
    const known = Math.min(PREFIX.length, to - start);
    for (let i = 0; i < known; i += 1)
      if (buffer[start + i] !== PREFIX[i]) return this.wrong('this is not HTTP/1.1', start);
    if (to - start < STATUS_LENGTH) return INCOMPLETE;
    const minor = byteAt(buffer, start + 7) - ZERO;
    const hundreds = byteAt(buffer, start + 9) - ZERO;
    const tens = byteAt(buffer, start + 10) - ZERO;
    const ones = byteAt(buffer, start + 11) - ZERO;
    const after = byteAt(buffer, start + 12);
    const isDigits = hundreds >= 1 && hundreds <= 9 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
    const isVersion = (minor === 0 || minor === 1) && byteAt(buffer, start + 8) === SPACE;
    if (!isVersion || !isDigits || (after !== SPACE && after !== CR))
      return this.wrong('this is not a status line of HTTP/1.1', start);
    this.status = hundreds * 100 + tens * 10 + ones;
    this.minor = minor;
    return start + 12;
  }
}
