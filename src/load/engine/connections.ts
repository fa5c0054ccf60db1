/** The connections of a thread, in the protocol of its plan, and the users that share them if it has any. */
import type { LoadPlan } from '../../core/load.ts';
import { ChannelRecorder } from './channel/channel-recorder.ts';
import { makeChannels } from './channel/make.ts';
import type { Connection, OnFree } from './connection.ts';
import { Http1Connection, type Http1Context } from './http1/connection.ts';
import { KnownHeads } from './http1/known-heads.ts';
import { Outbox } from './http1/outbox.ts';
import { Http2Connection, type Http2Context } from './http2/connection.ts';
import type { Recorder } from './measure/recorder.ts';
import { encodeHttp1, encodeHttp2 } from './request/encode.ts';
import { RequestSource, type Share } from './request/source.ts';
import type { FilledRequest } from './request/template.ts';
import { shareOf } from './schedule/closed.ts';
import { Crowd } from './session/crowd.ts';
import { connector } from './socket.ts';

const READ_BUFFER = 64 * 1024;

export interface Network {
  readonly connections: readonly Connection[];
  /** Null unless the plan has a scenario. */
  readonly crowd: Crowd<unknown> | null;
  /** Null without channels. */
  readonly channels: ChannelRecorder | null;
  /** Draws which request one is that was due and is not sent. */
  readonly pick: () => number;
}

export function makeNetwork(plan: LoadPlan, share: Share, recorder: Recorder, onFree: OnFree): Network {
  const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER);
  const url = new URL(plan.target.url);
  const length = shareOf(plan.model.connections, share);
  const { scenario } = plan;
  const network = <T>(
    source: RequestSource<T>,
    connections: readonly Connection<T>[],
    encode: (request: FilledRequest) => T,
  ): Network => {
    if (scenario === null) return { connections, crowd: null, channels: null, pick: () => source.pick() };
    const crowd = new Crowd<T>({ ...plan, scenario }, share, connections, encode, recorder);
    return { connections, crowd, channels: null, pick: () => crowd.pick() };
  };
  const shared = {
    recorder,
    readyEvent: url.protocol === 'https:' ? 'secureConnect' : 'connect',
    readBuffer,
    pipelining: plan.pipelining,
    timeouts: plan.timeouts,
    onFree,
  } as const;
  if (plan.channel !== null) {
    const channels = new ChannelRecorder();
    const context = { ...shared, channels, connect: connector(plan, readBuffer, 'http/1.1') };
    const connections = makeChannels(plan.channel, plan, share, context, length);
    // There is one request, which opens it.
    return { connections, crowd: null, channels, pick: () => 0 };
  }
  if (plan.protocol === 'http2') {
    const encode = encodeHttp2(url);
    const context: Http2Context = {
      ...shared,
      source: new RequestSource(plan, share, encode),
      connect: connector(plan, readBuffer, 'h2'),
    };
    const connections = Array.from({ length }, () => new Http2Connection(context));
    return network(context.source, connections, encode);
  }
  const encode = encodeHttp1(url, plan.keepAlive);
  const context: Http1Context = {
    ...shared,
    source: new RequestSource(plan, share, encode),
    connect: connector(plan, readBuffer, 'http/1.1'),
    knownHeads: new KnownHeads(readBuffer),
    outbox: new Outbox(),
  };
  const connections = Array.from({ length }, () => new Http1Connection(context));
  return network(context.source, connections, encode);
}
