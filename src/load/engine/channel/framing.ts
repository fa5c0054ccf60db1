/**
 * The frames of WebSockets, read and written by the package `ws`. It is loaded only for a load that needs it: that takes as
 * long as Node itself takes to start.
 */
import { createRequire } from 'node:module';

/** What of `ws` is used. Its types do not know these classes. */
interface Framing {
  readonly Receiver: new (options: {
    readonly isServer: boolean;
    readonly maxPayload: number;
    readonly maxFragments: number;
  }) => Receiver;
  readonly Sender: {
    readonly frame: (
      data: Buffer,
      options: {
        readonly fin: boolean;
        readonly opcode: number;
        readonly mask: boolean;
        readonly readOnly: boolean;
        readonly rsv1: boolean;
      },
    ) => Buffer[];
  };
}

export interface Receiver {
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'ping', listener: (data: Buffer) => void): unknown;
  on(event: 'conclude', listener: (code: number, reason: Buffer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  write(bytes: Buffer): boolean;
}

/** The largest message that is read, in bytes. */
export const LONGEST_MESSAGE = 16 * 1024 * 1024;
const MOST_FRAGMENTS = 65_536;

export const OPCODE = { text: 1, binary: 2, close: 8, pong: 10 } as const;

let framing: Framing | undefined;

/** Loads what reads and writes frames, ahead of the first one. */
export function loadFraming(): Framing {
  framing ??= createRequire(import.meta.url)('ws') as Framing;
  return framing;
}

export const createReceiver = (): Receiver =>
  new (loadFraming().Receiver)({
    isServer: false,
    maxPayload: LONGEST_MESSAGE,
    maxFragments: MOST_FRAGMENTS,
  });

/** A frame as clients send it: masked, with a new key each time. */
export function frameOf(opcode: (typeof OPCODE)[keyof typeof OPCODE], data: Buffer): Buffer {
  const parts = loadFraming().Sender.frame(data, {
    fin: true,
    opcode,
    mask: true,
    // The message may be sent again.
    readOnly: true,
    rsv1: false,
  });
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}
