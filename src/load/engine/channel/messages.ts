/** The messages of one thread, framed. */
import type { LoadPlan, LoadRequest } from '../../../core/load.ts';
import type { ChannelMessages } from '../../../core/load-channel.ts';
import { RequestSource, type Share } from '../request/source.ts';
import { frameOf, OPCODE } from './framing.ts';

export interface Message {
  readonly frame: Buffer;
  /** As evidence. */
  readonly text: Buffer;
  /** Whether an answer belongs to it; undefined: answers come in the order of the messages. */
  readonly holds: ((answer: Buffer) => boolean) | undefined;
  /** Length of what is looked for in the answer. */
  readonly weight: number;
}

export type NextMessage = () => Message;

const isIn = (type: 'equals' | 'contains', expected: Buffer) => (answer: Buffer) =>
  type === 'equals' ? answer.equals(expected) : answer.includes(expected);

/** A message as the body of a request, for the templates; the value that its answer has in it stands for a header. */
const asRequest = ({ send, answer }: ChannelMessages): LoadRequest => ({
  name: '',
  weight: 1,
  method: '',
  path: '',
  headers: answer === null ? [] : [['', answer.text]],
  body: send,
  checks: [],
});

/** @returns the next message each time; its masking key is always a new one */
export function messageSource(
  { send, answer }: ChannelMessages,
  plan: Pick<LoadPlan, 'data' | 'seed'>,
  share: Share,
): NextMessage {
  const { data, seed } = plan;
  const opcode = send.encoding === 'utf8' ? OPCODE.text : OPCODE.binary;
  const requests = [asRequest({ send, answer, checks: [] })] as const;
  const source = new RequestSource({ requests, data, seed }, share, ({ headers, body }) => ({
    text: body ?? Buffer.alloc(0),
    expected: answer === null ? undefined : Buffer.from(headers[0]?.[1] ?? ''),
  }));
  return () => {
    const { text, expected } = source.next().wire;
    const frame = frameOf(opcode, text);
    if (expected === undefined || answer === null) return { frame, text, holds: undefined, weight: 0 };
    return { frame, text, holds: isIn(answer.type, expected), weight: expected.length };
  };
}
