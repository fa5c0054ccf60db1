/** Writes and reads HTTP/2 frames (RFC 9113, sections 4 and 6). */
export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map([
  [TYPE.data, 'empty DATA'],
  [TYPE.headers, 'HEADERS'],
  [TYPE.priority, 'PRIORITY'],
  [TYPE.reset, 'RST_STREAM'],
  [TYPE.settings, 'SETTINGS'],
  [TYPE.ping, 'PING'],
  [TYPE.goaway, 'GOAWAY'],
  [TYPE.windowUpdate, 'WINDOW_UPDATE'],
  [TYPE.continuation, 'CONTINUATION'],
  [10, 'ALTSVC'],
  [12, 'ORIGIN'],
]);

/** The name of a frame type, for messages about floods. */
export const showType = (type: number): string => `${NAMES.get(type) ?? 'unknown'} frames`;

export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

export const SETTING = { push: 2, maxStreams: 3, initialWindow: 4, maxFrame: 5 } as const;

/** Error codes (section 7), by number. */
export const CODES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;

export const CODE = { none: 0, protocol: 1, refused: 7, cancel: 8, calm: 11 } as const;

export const showCode = (code: number): string => CODES[code] ?? `error code ${code}`;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
export const HEAD_LENGTH = 9;
/** The default limit of a frame's payload. */
export const LARGEST_FRAME = 16_384;
/** The largest window, and the largest stream number. */
export const LARGEST = 2 ** 31 - 1;
/** The default window of a stream and of a connection. */
export const USUAL_WINDOW = 65_535;

export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_LENGTH + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, HEAD_LENGTH);
  return bytes;
}

function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const parts = settings.map(([id, value]) => Buffer.concat([Buffer.of(0, id), uint32(value)]));
  return frame(TYPE.settings, 0, 0, Buffer.concat(parts));
}

export const SETTINGS_ACK = frame(TYPE.settings, FLAG.ack, 0, Buffer.alloc(0));
export const pingAck = (payload: Uint8Array): Buffer => frame(TYPE.ping, FLAG.ack, 0, payload);
export const resetFrame = (stream: number, code: number): Buffer =>
  frame(TYPE.reset, 0, stream, uint32(code));
export const windowUpdate = (stream: number, by: number): Buffer =>
  frame(TYPE.windowUpdate, 0, stream, uint32(by));
/** The last stream is 0, as a client accepts no streams from the server. */
export const goawayFrame = (code: number): Buffer => frame(TYPE.goaway, 0, 0, uint32(0, code));

/** The frames of a head: one, if it fits. */
export function headFrames(stream: number, block: Buffer, isEnd: boolean): Buffer {
  const end = isEnd ? FLAG.endStream : 0;
  if (block.length <= LARGEST_FRAME) return frame(TYPE.headers, end | FLAG.endHeaders, stream, block);
  const parts = [frame(TYPE.headers, end, stream, block.subarray(0, LARGEST_FRAME))];
  for (let at = LARGEST_FRAME; at < block.length; at += LARGEST_FRAME) {
    const isLast = at + LARGEST_FRAME >= block.length;
    const part = block.subarray(at, at + LARGEST_FRAME);
    parts.push(frame(TYPE.continuation, isLast ? FLAG.endHeaders : 0, stream, part));
  }
  return Buffer.concat(parts);
}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Valid until the callback returns. */
  readonly payload: Buffer;
}

/** A protocol violation after which the connection is unusable. */
export class Violation extends Error {}

export function mustBe(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Violation(otherwise);
}

/**
 * The content of a frame without its padding.
 *
 * @param before how many bytes precede the content
 */
export function unpad(flags: number, payload: Buffer, before: number): Buffer {
  const isPadded = (flags & FLAG.padded) !== 0;
  const start = before + (isPadded ? 1 : 0);
  const end = payload.length - (isPadded ? (payload[0] ?? 0) : 0);
  mustBe(start <= end, 'a frame that is nothing but padding');
  return payload.subarray(start, end);
}

/** Splits a byte stream into frames, however it is chunked. */
export class FrameReader {
  /** The start of an incomplete frame. */
  #rest: Buffer = Buffer.alloc(0);

  /**
   * @param onFrame receives each complete frame; returns false to stop reading
   * @returns an error if a frame exceeds the size limit
   */
  push(bytes: Buffer, onFrame: (frame: Frame) => boolean): string | undefined {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (all.length - at >= HEAD_LENGTH) {
      const length = all.readUIntBE(at, 3);
      if (length > LARGEST_FRAME) return `a frame of ${length} bytes`;
      const end = at + HEAD_LENGTH + length;
      if (end > all.length) break;
      const frame = {
        type: all[at + 3] as number,
        flags: all[at + 4] as number,
        stream: all.readUInt32BE(at + 5) & LARGEST,
        payload: all.subarray(at + HEAD_LENGTH, end),
      };
      at = end;
      if (!onFrame(frame)) return undefined;
    }
    // Copied, as all connections read into the same buffer.
    this.#rest = Buffer.from(all.subarray(at));
    return undefined;
  }
}
