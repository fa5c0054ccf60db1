/** Loads on connections that stay open: WebSockets, and streams of server-sent events. */
import type { LoadCheck, LoadData, LoadLimit, LoadModel, LoadRequest, Threshold } from '../../core/load.ts';
import type { ChannelMessages, LoadChannel } from '../../core/load-channel.ts';
import { CHANNEL_PREFIXES } from '../../core/metric.ts';
import { templateNames } from '../../core/template.ts';
import { toDuration } from '../../kinds/common/duration.ts';
import { toChecks } from './checks.ts';
import { hasHeader } from './headers.ts';
import { Mistakes, type Origin } from './mistakes.ts';
import type { LoadOptions } from './options.ts';
import { checkTemplates, toBody } from './requests.ts';
import { COMMAND_DEFAULTS, LOAD_DEFAULTS, LOAD_WORDS } from './words.ts';

/** Messages with a rate are sent when they are due, whether those before were answered or not. */
const UNANSWERED_AT_RATE = 1000;

type ChannelType = LoadChannel['type'];

const typeOf = ({ websocket, sse }: LoadOptions): ChannelType | undefined =>
  websocket !== undefined ? 'websocket' : sse !== undefined ? 'sse' : undefined;

/** Whether connections are only kept open. */
const isIdle = (options: LoadOptions): boolean =>
  typeOf(options) === 'websocket' && options.send === undefined;

/** Users send requests. */
const OF_USERS = ['steps', 'before', 'onStatus', 'think', 'users'] as const;

/** What a load with channels cannot have. */
const UNFIT = {
  websocket: ['path', 'sse', 'mix', 'steps', 'method', 'body', 'http2', 'streams', ...OF_USERS],
  sse: ['path', 'websocket', 'mix', 'steps', 'http2', 'streams', 'pipelining', ...OF_USERS],
} as const satisfies Record<ChannelType, readonly (keyof LoadOptions)[]>;

function checkOptions(type: ChannelType, options: LoadOptions, mistakes: Mistakes): void {
  for (const option of UNFIT[type])
    mistakes.exclude(
      type === 'websocket' ? 'a WebSocket sends messages, not requests' : 'each stream is one response',
      [
        [[type], true],
        [[option], options[option] !== undefined && options[option] !== false],
      ],
    );
  if (options.keepAlive === false)
    mistakes.about(['keepAlive'], 'a connection of this load stays open by its nature', 'leave it out');
  if (type === 'websocket' && options.expect?.status !== undefined)
    mistakes.about(['expect', 'status'], 'what opens a WebSocket is always 101', 'leave it out');
  if (isIdle(options)) checkIdle(options, mistakes);
  else if (type === 'sse' && options.warmup !== undefined)
    mistakes.about(['warmup'], 'a stream that begins in the warm-up would never count', 'leave it out');
}

/** Connections that are only kept open are opened once. */
function checkIdle(options: LoadOptions, mistakes: Mistakes): void {
  const send = mistakes.nameOf('send');
  for (const option of ['rate', 'requests', 'warmup', 'pipelining'] as const)
    if (options[option] !== undefined)
      mistakes.add(
        [option],
        `${mistakes.nameOf(option)} has no meaning where WebSockets are only kept open`,
        `say what to send with ${send}, or how many to open with ${mistakes.nameOf('connections')}`,
      );
  const { body, exactBody, json = {}, length } = options.expect ?? {};
  if (
    [body, exactBody, length].some((each) => each !== undefined && [each].flat().length > 0) ||
    Object.keys(json).length > 0
  )
    mistakes.add(
      ['expect'],
      `${mistakes.nameOf('expect')} is about answers, and nothing is sent`,
      `give ${send}`,
    );
}

/** What only a WebSocket can have. */
function checkAlien(options: LoadOptions, mistakes: Mistakes): void {
  for (const option of ['send', 'subprotocol'] as const)
    if (options[option] !== undefined)
      mistakes.add(
        [option],
        `${mistakes.nameOf(option)} needs a WebSocket`,
        `open one with ${mistakes.nameOf('websocket')}`,
      );
}

/** The options with what a channel is opened with. */
export function channelOptions(options: LoadOptions, mistakes: Mistakes): LoadOptions {
  const type = typeOf(options);
  if (type !== 'websocket') checkAlien(options, mistakes);
  if (type === undefined) return options;
  checkOptions(type, options, mistakes);
  const { expect, headers = {}, websocket, sse } = options;
  const opened = { ...options, path: websocket ?? sse ?? '/' };
  if (type === 'websocket') return { ...opened, expect: { headers: expect?.headers ?? {}, status: 101 } };
  const names = Object.entries(headers).map(([name]): [string, string] => [name, '']);
  return {
    ...opened,
    headers: hasHeader(names, 'accept') ? headers : { ...headers, Accept: 'text/event-stream' },
    expect: { status: expect?.status ?? [...LOAD_DEFAULTS.status], headers: expect?.headers ?? {} },
  };
}

/** The bytes and values that are known when the channel is built. */
interface Known {
  readonly data: LoadData | null;
  readonly thresholds: readonly Threshold[];
  readonly abortOn: readonly Threshold[];
  readonly origin: Origin;
}

/**
 * What is done on connections that stay open; null: requests are sent.
 *
 * @param given as the user wrote it
 */
export function toChannel(given: LoadOptions, known: Known, mistakes: Mistakes): LoadChannel | null {
  const type = typeOf(given);
  checkMetrics(type, known, mistakes);
  if (type === undefined) return null;
  if (type === 'sse') return { type, checks: messageChecks(given, mistakes) };
  return {
    type,
    subprotocols: toSubprotocols(given, mistakes),
    messages: toMessages(given, known, mistakes),
  };
}

/** RFC 6455, section 4.1: a token of HTTP, and none twice. */
const isToken = (name: string): boolean => /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/.test(name);

function toSubprotocols({ subprotocol }: LoadOptions, mistakes: Mistakes): string[] {
  if (subprotocol === undefined) return [];
  const names = subprotocol.split(',').map((each) => each.trim());
  const wrong = names.find((each, index) => !isToken(each) || names.indexOf(each) !== index);
  if (wrong !== undefined)
    mistakes.about(
      ['subprotocol'],
      `"${wrong}" cannot be offered: ${isToken(wrong) ? 'it is there twice' : 'it is no name of a subprotocol'}`,
      'write names without blanks, separated by commas, such as graphql-ws,json',
    );
  return names;
}

/** The checks of what arrives on the channel. */
const messageChecks = ({ expect = {} }: LoadOptions, mistakes: Mistakes): LoadCheck[] =>
  toChecks(expect, ['expect'], mistakes).filter(({ type }) => type !== 'status' && type !== 'header');

type BodyCheck = Extract<LoadCheck, { type: 'body' }>;

/** Whether it has a place for a value of the message. */
const isAnswer = (
  check: LoadCheck,
): check is BodyCheck & { readonly match: NonNullable<ChannelMessages['answer']> } =>
  check.type === 'body' && check.match.type !== 'matches' && templateNames(check.match.text).length > 0;

function toMessages(given: LoadOptions, { data, origin }: Known, mistakes: Mistakes): ChannelMessages | null {
  const inSend = new Mistakes({
    ...origin,
    nameOf: ([first]) => origin.nameOf([first === 'data' ? 'data' : 'send']),
    tell: (problem) => origin.tell({ ...problem, path: ['send'] }),
  });
  const send = toBody({ body: given.send, bodyAt: ['send'] }, inSend);
  if (send === null) return null;
  const checks = messageChecks(given, mistakes);
  const [answer, ...others] = checks.filter(isAnswer);
  if (others.length > 0)
    mistakes.about(
      ['expect', 'body'],
      'more than one text has a place for a value',
      'one is enough to find the message of an answer; write them as one text',
    );
  const request = { name: '', weight: 1, method: '', path: '', checks: [], body: send };
  const headers = answer === undefined ? [] : [['answer', answer.match.text] as const];
  checkTemplates([{ ...request, headers }], { ...given, body: given.send ?? '' }, data, inSend);
  return { send, answer: answer?.match ?? null, checks: checks.filter((check) => !isAnswer(check)) };
}

/** Metrics of channels need a channel of their type. */
function checkMetrics(
  type: ChannelType | undefined,
  { thresholds, abortOn }: Known,
  mistakes: Mistakes,
): void {
  const told = { thresholds, abortOn };
  for (const [option, list] of Object.entries(told))
    for (const [index, { metric, text }] of list.entries())
      for (const [owner, prefix] of Object.entries(CHANNEL_PREFIXES))
        if (metric.startsWith(`${prefix}.`) && owner !== type)
          mistakes.add(
            [option, index],
            `"${text}" is about ${owner === 'sse' ? 'a stream of events' : 'WebSockets'}, and this load has none`,
            `open one with ${mistakes.nameOf(owner)}`,
          );
}

/** Streams do not end by themselves, and what is only kept open has nothing to count. */
export function limitOf(options: LoadOptions, fallback: LoadLimit): LoadLimit {
  if (fallback.type === 'duration' || (typeOf(options) !== 'sse' && !isIdle(options))) return fallback;
  return { type: 'duration', duration: toDuration(COMMAND_DEFAULTS.duration) };
}

/** How many may be unanswered on a connection, unless the options say. */
export const pipeliningOf = (channel: LoadChannel | null, model: LoadModel): number =>
  channel?.type === 'websocket' && model.type === 'open' ? UNANSWERED_AT_RATE : LOAD_WORDS.pipelining.default;

/** A request that opens a WebSocket has a name that says so. */
export const nameOpening = (request: LoadRequest, { websocket }: LoadOptions): LoadRequest =>
  websocket === undefined ? request : { ...request, name: `WebSocket ${websocket}` };
