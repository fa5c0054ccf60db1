/** What client and server agree on (RFC 9113, section 6.5). */
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

/** Ours: nothing that was not asked for, and as much at a time as comes. What comes is not kept. */
export const GREETING = Buffer.concat([
  PREFACE,
  settingsFrame([
    [SETTING.push, 0],
    [SETTING.initialWindow, LARGEST],
  ]),
  windowUpdate(0, LARGEST - USUAL_WINDOW),
]);

/**
 * Takes the server's settings, in their order.
 *
 * @returns whether there are any: false when it acknowledges ours
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
