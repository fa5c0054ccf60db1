/** SETTINGS of client and server (RFC 9113, section 6.5). */
import type { FlowControl } from './flow.ts';
import {
  FLAG,
  type Frame,
  LARGEST,
  LARGEST_FRAME,
  mustBe,
  PREFACE,
  SETTING,
  settingsFrame,
  USUAL_WINDOW,
  windowUpdate,
} from './frames.ts';
import type { Streams } from './streams.ts';

/** The client's preface: no server push, and large windows, as bodies are not stored. */
export const GREETING = Buffer.concat([
  PREFACE,
  settingsFrame([
    [SETTING.push, 0],
    [SETTING.initialWindow, LARGEST],
  ]),
  windowUpdate(0, LARGEST - USUAL_WINDOW),
]);

/**
 * Applies the server's settings in order.
 *
 * @returns false if the frame only acknowledges ours
 */
export function applySettings(
  { flags, stream, payload }: Frame,
  streams: Streams,
  flow: FlowControl,
): boolean {
  const isAck = (flags & FLAG.ack) !== 0;
  mustBe(stream === 0 && payload.length % 6 === 0, 'SETTINGS of another form');
  mustBe(!isAck || payload.length === 0, 'an acknowledgement that says something');
  for (let at = 0; at < payload.length; at += 6) {
    const value = payload.readUInt32BE(at + 2);
    switch (payload.readUInt16BE(at)) {
      case SETTING.maxStreams:
        streams.announced = value;
        break;
      case SETTING.initialWindow:
        flow.setStreamWindow(value);
        break;
      case SETTING.push:
        mustBe(value === 0, 'a server that wants to be pushed to');
        break;
      case SETTING.maxFrame:
        mustBe(value >= LARGEST_FRAME && value < 2 ** 24, `frames of ${value} bytes at most`);
        break;
    }
  }
  return !isAck;
}
