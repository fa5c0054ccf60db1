/** Parses the head of a request. */
import { byteAt, CR, INCOMPLETE, IS_TOKEN, SPACE, ZERO } from './bytes.ts';
import { HeadReader } from './head.ts';

const VERSION = Buffer.from(' HTTP/1.');

/** Bytes of a target (RFC 9112, section 3.2), and others that servers accept there. */
const isTarget = (byte: number): boolean => byte > SPACE && byte !== 127;

export class RequestHeadReader extends HeadReader {
  method = '';
  /** As it was sent: usually a path and a query. */
  target = '';

  protected readFirst(buffer: Buffer, start: number, to: number): number {
    let at = start;
    while (at < to && IS_TOKEN[byteAt(buffer, at)] === 1) at += 1;
    if (at === to) return INCOMPLETE;
    const methodEnd = at;
    if (methodEnd === start || byteAt(buffer, at) !== SPACE)
      return this.wrong('a request line without a method', start);
    at += 1;
    while (at < to && isTarget(byteAt(buffer, at))) at += 1;
    if (at === to) return INCOMPLETE;
    const targetEnd = at;
    if (targetEnd === methodEnd + 1) return this.wrong('a request line without a target', start);
    const known = Math.min(VERSION.length, to - at);
    for (let i = 0; i < known; i += 1)
      if (buffer[at + i] !== VERSION[i]) return this.wrong('this is not a request line of HTTP/1.1', start);
    at += VERSION.length;
    if (at + 1 >= to) return INCOMPLETE;
    const minor = byteAt(buffer, at) - ZERO;
    if ((minor !== 0 && minor !== 1) || byteAt(buffer, at + 1) !== CR)
      return this.wrong('this is not a request line of HTTP/1.1', start);
    this.minor = minor;
    this.method = buffer.toString('latin1', start, methodEnd);
    this.target = buffer.toString('latin1', methodEnd + 1, targetEnd);
    return at + 1;
  }
}
