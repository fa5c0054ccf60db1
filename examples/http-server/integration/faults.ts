/**
 * Faults on demand, to watch Shakedown catch them: EXAMPLE_BREAK names the one to commit. A real suite has
 * no such module.
 */
import { setTimeout } from 'node:timers/promises';

const FAULTS = [
  'server-500',
  'server-slow',
  'wrong-body',
  'server-crash',
  'mixed-sessions',
  'thread-mismatch',
];
const SLOW_MS = 300;
const fault = process.env.EXAMPLE_BREAK || 'none';
if (fault !== 'none' && !FAULTS.includes(fault)) {
  throw new Error(`EXAMPLE_BREAK=${fault} is none of ${FAULTS.join(', ')}`);
}

export type Answer = {
  readonly status: number;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
};

let requests = 0;
let results = 0;
let lastWritten: Buffer | undefined;

/** Spoils what the server is about to send; only /document, so that the server still seems ready. */
export function spoilAnswer(path: string | undefined, answer: Answer): Answer {
  if (fault === 'server-crash' && ++requests > 100) process.nextTick(crash);
  if (path !== '/document') return answer;
  if (fault === 'server-500') return { status: 500, body: Buffer.from('out of order') };
  if (fault === 'wrong-body') answer.body.write('!', answer.body.length - 1);
  return answer;
}

/** Keeps whoever asks for /document waiting. */
export async function spoilPace(path: string | undefined): Promise<void> {
  if (fault === 'server-slow' && path === '/document') await setTimeout(SLOW_MS);
}

function crash(): never {
  throw new Error('EXAMPLE_BREAK=server-crash: the server had its 100 requests');
}

/** Gives everybody the document that was written last, by whomever. */
export function spoilDocument(own: Buffer | undefined): Buffer | undefined {
  return fault === 'mixed-sessions' && own !== undefined ? lastWritten : own;
}

/** Remembers a document for that. */
export function noteDocument(body: Buffer): void {
  lastWritten = body;
}

/** Spoils one result in a thousand. */
export function spoilResult(result: string): string {
  return fault === 'thread-mismatch' && ++results % 1000 === 0 ? `${result}!` : result;
}
