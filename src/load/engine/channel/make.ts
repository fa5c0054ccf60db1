/** Makes the channels of a thread. */
import type { LoadCheck, LoadPlan, LoadRequest } from '../../../core/load.ts';
import type { LoadChannel } from '../../../core/load-channel.ts';
import { type Checks, compileChecks } from '../check/compile.ts';
import type { Connection } from '../connection.ts';
import { encodeHttp1 } from '../request/encode.ts';
import { RequestSource, type Share } from '../request/source.ts';
import type { FilledRequest } from '../request/template.ts';
import type { ResponseView } from '../response.ts';
import type { ChannelContext } from './channel.ts';
import { EventSourceChannel } from './event-source.ts';
import { loadFraming } from './framing.ts';
import { IdleSocket } from './idle-socket.ts';
import { messageSource } from './messages.ts';
import { TalkingSocket } from './talking-socket.ts';

/** An answer that was found by its value has passed a check: that it has it. */
const FOUND: LoadCheck = { type: 'body', match: { type: 'contains', text: '' } };

/** The checks of what the counts are about: messages, or the heads and first events of streams. */
function checksOf(channel: LoadChannel, request: LoadRequest): readonly LoadCheck[] {
  if (channel.type === 'sse') return [...request.checks, ...channel.checks];
  if (channel.messages === null) return request.checks;
  const { answer, checks } = channel.messages;
  return answer === null ? checks : [FOUND, ...checks];
}

/** The requests of a plan as what is recorded of them. */
export function recordedRequests({ channel, requests }: LoadPlan): LoadPlan['requests'] {
  if (channel === null) return requests;
  const [first] = requests;
  return [{ ...first, checks: checksOf(channel, first) }];
}

/** Every nth event is checked. */
function eventChecks(checks: Checks | undefined, every: number): (event: ResponseView) => string | undefined {
  let count = 0;
  return (event) => {
    count += 1;
    return count % every === 0 ? checks?.run(event) : undefined;
  };
}

export function makeChannels(
  channel: LoadChannel,
  plan: LoadPlan,
  share: Share,
  context: ChannelContext,
  count: number,
): Connection[] {
  const url = new URL(plan.target.url);
  const encode = encodeHttp1(url, true);
  const checks = plan.requests.map(compileChecks);
  const many = (make: () => Connection): Connection[] => Array.from({ length: count }, make);
  if (channel.type === 'sse') {
    const source = new RequestSource(plan, share, (request) => encode(request).bytes);
    const ofEvents = compileChecks({ checks: channel.checks });
    const streams = {
      ...context,
      next: () => source.next(),
      complaint: (index: number, head: ResponseView) => checks[index]?.run(head),
      complaintOfEvent: eventChecks(ofEvents, plan.checkEvery),
    };
    return many(() => new EventSourceChannel(streams));
  }
  loadFraming();
  const source = new RequestSource(plan, share, (request): FilledRequest => request);
  const sockets = {
    ...context,
    subprotocols: channel.subprotocols,
    handshake: (headers: FilledRequest['headers']) => {
      const { wire } = source.next();
      return encode({ ...wire, headers: [...wire.headers, ...headers] }).bytes;
    },
    complaint: (head: ResponseView) => checks[0]?.run(head),
  };
  if (channel.messages === null) return many(() => new IdleSocket(sockets));
  const talking = {
    ...sockets,
    next: messageSource(channel.messages, plan, share),
    unanswered: plan.pipelining,
  };
  return many(() => new TalkingSocket(talking));
}
