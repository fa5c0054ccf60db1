/** Loads on connections that stay open, as plain data: WebSockets, and streams of server-sent events. */
import type { Latency } from './latency.ts';
import type { LoadBody, LoadCheck, TextMatch } from './load-check.ts';

/** What a WebSocket sends, and what comes back. */
export interface ChannelMessages {
  /** Text is sent as a text message, base64 as a binary one. Templates are filled in, as in requests. */
  readonly send: LoadBody;
  /**
   * What an answer has in it of its message: a text with templates, which are filled in as in the message. Null: the first
   * message that comes answers the first one sent.
   */
  readonly answer: Exclude<TextMatch, { type: 'matches' }> | null;
  /** Checks of each answer. */
  readonly checks: readonly LoadCheck[];
}

/** The requests of the plan open the channel; their checks are held against the head of the response. */
export type LoadChannel =
  | {
      readonly type: 'websocket';
      /** Offered to the server, in this order. */
      readonly subprotocols: readonly string[];
      /** Null: connections are only kept open. */
      readonly messages: ChannelMessages | null;
    }
  | {
      readonly type: 'sse';
      /** Checks of the data of each event. */
      readonly checks: readonly LoadCheck[];
    };

/** What the counts and times of a load are about. */
export type LoadUnit =
  | 'request'
  /** Sent over a WebSocket, until its answer. */
  | 'message'
  /** A WebSocket, until it is open. */
  | 'connection'
  /** Of events: until the first of them. */
  | 'stream';

export interface ChannelResult {
  readonly type: LoadChannel['type'];
  readonly unit: Exclude<LoadUnit, 'request'>;
  /** How many were opened in the whole run, warm-up included. */
  readonly opened: number;
  /** Attempts to open a WebSocket for messages that failed. Where a connection or a stream is what is counted, they are in `counts`. */
  readonly refused: number;
  /** How many the server closed or broke before the end. Streams that ended as they should are `ended`. */
  readonly lost: number;
  readonly ended: number;
  readonly openAtEnd: number;
  /** Lost WebSockets by close code; 1005: without a code, 1006: without a close. */
  readonly closes: Readonly<Record<string, number>>;
  /** Messages or events that arrived. */
  readonly received: number;
  /** Messages that answered nothing. */
  readonly unasked: number;
  /** Events after the first of their stream that did not pass their checks. */
  readonly wrong: number;
  /** From when a channel began to connect until the server had opened it. */
  readonly connectUs: Latency | null;
  /** Between one message or event and the next on the same channel, and from the last to the end if that was longer than any. */
  readonly gapUs: Latency | null;
}

/** Of one second. */
export interface ChannelWindow {
  /** At its end. */
  readonly open: number;
  readonly opened: number;
  readonly lost: number;
  readonly received: number;
  readonly unasked: number;
}

export const unitOf = (channel: LoadChannel | null): LoadUnit => {
  if (channel === null) return 'request';
  if (channel.type === 'sse') return 'stream';
  return channel.messages === null ? 'connection' : 'message';
};

/** The unit of a result. */
export const unitCounted = (channel: ChannelResult | null): LoadUnit => channel?.unit ?? 'request';

/** The URL of a target as a user writes it. */
export const shownUrl = (url: string, channel: LoadChannel | null): string =>
  channel?.type === 'websocket' ? url.replace(/^http/, 'ws') : url;
