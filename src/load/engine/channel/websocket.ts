/** A WebSocket (RFC 6455): its handshake, its frames, and how it closes. What is sent on it is up to its subclasses. */
import { createHash, randomBytes } from 'node:crypto';
import type { Evidence } from '../measure/recorder.ts';
import { Channel, type ChannelContext, type Refusal } from './channel.ts';
import { createReceiver, frameOf, OPCODE, type Receiver } from './framing.ts';
import type { OpeningHead } from './head.ts';

export interface WebSocketContext extends ChannelContext {
  readonly subprotocols: readonly string[];
  /** The request of the next handshake, with these headers added. */
  readonly handshake: (headers: readonly (readonly [string, string])[]) => Buffer;
  /** What the checks say against the head of the answer. */
  readonly complaint: (head: OpeningHead) => string | undefined;
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const NORMAL = 1000;
const NO_CODE = 1005;
const ABNORMAL = 1006;
const PROTOCOL_ERROR = 1002;
/** More in one second of a connection are a flood. */
const MOST_PINGS = 1000;
/** Bytes of replies that the server may leave unread. */
const MOST_UNREAD = 1024 * 1024;

const includes = (list: string | undefined, wanted: string): boolean =>
  list?.split(',').some((each) => each.trim().toLowerCase() === wanted) === true;

function closeFrame(code: number): Buffer {
  const payload = Buffer.alloc(code === NO_CODE ? 0 : 2);
  if (code !== NO_CODE) payload.writeUInt16BE(code);
  return frameOf(OPCODE.close, payload);
}

export abstract class WebSocketChannel<C extends WebSocketContext = WebSocketContext> extends Channel<C> {
  #key = '';
  #receiver: Receiver | undefined;
  /** Pings in the second that began then. */
  #pings = 0;
  #pingsSince = 0;
  #now = 0;

  protected abstract onMessage(data: Buffer, now: number): void;

  protected request(): Buffer {
    const { subprotocols, handshake } = this.context;
    this.#key = randomBytes(16).toString('base64');
    return handshake([
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Key', this.#key],
      ...(subprotocols.length === 0 ? [] : ([['Sec-WebSocket-Protocol', subprotocols.join(', ')]] as const)),
    ]);
  }

  protected accept(head: OpeningHead): Refusal | undefined {
    const protocol = (what: string): Refusal => ({
      kind: 'protocol',
      message: `was not opened: the server agreed to a WebSocket ${what}`,
    });
    if (head.status !== 101)
      return { kind: 'check', message: `answered ${head.status}, expected 101: it did not open a WebSocket` };
    if (head.header('upgrade')?.toLowerCase() !== 'websocket')
      return protocol('without "Upgrade: websocket"');
    if (!includes(head.header('connection'), 'upgrade')) return protocol('without "Connection: Upgrade"');
    const expected = createHash('sha1').update(`${this.#key}${GUID}`).digest('base64');
    if (head.header('sec-websocket-accept') !== expected)
      return protocol('with a Sec-WebSocket-Accept that does not belong to the key');
    const extensions = head.header('sec-websocket-extensions');
    if (extensions !== undefined) return protocol(`with extensions that were not offered: ${extensions}`);
    const chosen = head.header('sec-websocket-protocol');
    if (chosen !== undefined && !this.context.subprotocols.includes(chosen))
      return protocol(`with a subprotocol that was not offered: ${chosen}`);
    if (chosen === undefined && this.context.subprotocols.length > 0)
      return protocol('with none of the subprotocols that were offered');
    const complaint = this.context.complaint(head);
    return complaint === undefined ? undefined : { kind: 'check', message: complaint };
  }

  protected onOpen(_: OpeningHead, now: number): void {
    const receiver = createReceiver();
    const isCurrent = (): boolean => this.#receiver === receiver && this.isOpen;
    this.#receiver = receiver;
    receiver.on('message', (data) => {
      if (!isCurrent()) return;
      this.heard(this.#now);
      this.onMessage(data, this.#now);
    });
    receiver.on('ping', (data) => {
      if (isCurrent()) this.#pong(data);
    });
    receiver.on('conclude', (code, reason) => {
      if (isCurrent()) this.#closed(code, reason.toString());
    });
    receiver.on('error', (error) => {
      if (isCurrent()) this.#violate(`an invalid frame: ${error.message}`);
    });
    this.#now = now;
  }

  protected read(bytes: Buffer, now: number): void {
    this.#now = now;
    this.context.recorder.received({ index: 0, due: now }, bytes.length);
    // The receiver keeps what is incomplete, but the buffer is that of all connections.
    this.#receiver?.write(Buffer.from(bytes));
  }

  #pong(data: Buffer): void {
    if (this.#now - this.#pingsSince >= 1000) {
      this.#pingsSince = this.#now;
      this.#pings = 0;
    }
    this.#pings += 1;
    if (this.#pings > MOST_PINGS) this.#violate(`more than ${MOST_PINGS} pings in a second`);
    else if (this.unsent > MOST_UNREAD) this.#violate('pings, and does not read the replies');
    else this.write(frameOf(OPCODE.pong, data));
  }

  #closed(code: number, reason: string): void {
    const why = [
      ...(code === NO_CODE ? ['without a code'] : [String(code)]),
      ...(reason === '' ? [] : [reason]),
    ];
    this.write(closeFrame(code));
    this.lose({ kind: 'cut-off', message: `was closed by the server (${why.join(': ')})` }, undefined, code);
  }

  #violate(what: string): void {
    this.write(closeFrame(PROTOCOL_ERROR));
    this.lose({ kind: 'protocol', message: `got ${what}` }, undefined, PROTOCOL_ERROR);
  }

  protected onEnd(): void {
    const message = 'was cut off: the server closed the connection without closing the WebSocket (1006)';
    this.lose({ kind: 'cut-off', message }, undefined, ABNORMAL);
  }

  protected override onBroken(code: string): void {
    const message = `was cut off: the connection broke (${code}, 1006)`;
    this.lose({ kind: 'cut-off', message }, undefined, ABNORMAL);
  }

  protected override lose(refusal: Refusal, evidence?: Evidence, code?: number): void {
    this.#receiver = undefined;
    super.lose(refusal, evidence, code);
  }

  protected farewell(): Buffer {
    this.#receiver = undefined;
    return closeFrame(NORMAL);
  }
}
