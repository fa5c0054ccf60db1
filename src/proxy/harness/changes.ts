/** What faults do to an answer: to its head while the rest streams past, or to the whole answer. */
import type { FaultType } from '../../core/http-fault.ts';
import { type Answer, type Arrived, changeAnswer, type Head, jsonIn, mediaType } from './answer.ts';
import { type Exchange, routeOf } from './exchange.ts';
import type { Meant } from './faults.ts';
import { FormerAnswers, isSame } from './former.ts';
import { Walker } from './json-edit.ts';

/** These need the whole body. */
const OF_WHOLE: readonly FaultType[] = [
  ...(['truncated-body', 'wrong-value', 'missing-field', 'wrong-type'] as const),
  ...(['not-json', 'other-answer', 'stale-answer'] as const),
];

export const needsWhole = ({ fault }: Meant): boolean => OF_WHOLE.includes(fault.type);

/** Whether a fault gives an answer a status that has no body. */
export const takesBody = ({ fault }: Meant): boolean =>
  fault.type === 'status' && [204, 205, 304].includes(fault.status);

/** Media types that never end, or contain no text to change. */
export const isStream = (type: string | null): boolean =>
  type !== null && /^(?:text\/event-stream|multipart\/|image\/|audio\/|video\/|font\/)/.test(type);

/**
 * Changes what can be changed without the body.
 *
 * @returns the faults that changed something
 */
export function changeHead(head: Head, status: number, meant: readonly Meant[]): Meant[] {
  return meant.filter(({ fault }) => {
    if (fault.type === 'status') {
      if (fault.status === status) return false;
      head.status = fault.status;
      // These end with the head; any other status needs a length.
      if (status === 204 || status === 304) {
        head.remove('transfer-encoding');
        head.set('content-length', '0');
      }
      return true;
    }
    if (fault.type !== 'content-type') return false;
    const type = mediaType(head);
    if (type === null) return false;
    head.set('content-type', type === 'application/octet-stream' ? 'text/plain' : 'application/octet-stream');
    return true;
  });
}

const PAGE = Buffer.from('<!doctype html>\n<title>Error</title>\n<p>This is no JSON.</p>\n');

/** Changes whole answers. One for all connections of a proxy. */
export class Changes {
  readonly #walker: Walker;
  readonly #former = new FormerAnswers();

  /** @param seed decides which values it begins with */
  constructor(seed: number) {
    this.#walker = new Walker(seed);
  }

  /** The values in JSON that were changed. */
  get changedFields(): readonly string[] {
    return this.#walker.changedFields;
  }

  /** @returns the changed bytes, and which faults changed something; undefined if none did */
  change(
    arrived: Arrived,
    exchange: Exchange,
    meant: readonly Meant[],
  ): { readonly bytes: Buffer; readonly happened: readonly Meant[] } | undefined {
    const happened: Meant[] = [];
    const bytes = changeAnswer(arrived, (answer) => {
      const former = {
        status: answer.status,
        contentType: answer.head.get('content-type'),
        body: answer.body,
      };
      let changed: Omit<Answer, 'head'> = answer;
      for (const each of meant) {
        const next = this.#apply(each.fault.type, { ...changed, head: answer.head }, exchange);
        if (next === undefined) continue;
        changed = next;
        happened.push(each);
      }
      if (meant.some(({ fault }) => fault.type === 'other-answer' || fault.type === 'stale-answer'))
        this.#former.keep(exchange, former);
      return happened.length === 0 ? undefined : changed;
    });
    return bytes === undefined ? undefined : { bytes, happened };
  }

  #apply(type: FaultType, answer: Answer, exchange: Exchange): Omit<Answer, 'head'> | undefined {
    const { status, head, body } = answer;
    switch (type) {
      case 'truncated-body':
        return body.length === 0
          ? undefined
          : { status, body: body.subarray(0, Math.floor(body.length / 2)) };
      case 'wrong-value':
      case 'missing-field':
      case 'wrong-type': {
        const text = jsonIn(body, mediaType(head));
        const other = text === undefined ? undefined : this.#walker.change(text, routeOf(exchange), type);
        return other === undefined ? undefined : { status, body: Buffer.from(other) };
      }
      case 'not-json':
        return jsonIn(body, mediaType(head)) === undefined ? undefined : { status, body: PAGE };
      case 'other-answer':
        return this.#again(this.#former.other(exchange), answer);
      case 'stale-answer':
        return this.#again(this.#former.stale(exchange), answer);
      default:
        return undefined;
    }
  }

  #again(
    former: ReturnType<FormerAnswers['stale']>,
    { status, head, body }: Answer,
  ): Omit<Answer, 'head'> | undefined {
    if (former === undefined || isSame(former, { status, body })) return undefined;
    if (former.contentType === undefined) head.remove('content-type');
    else head.set('content-type', former.contentType);
    return { status: former.status, body: former.body };
  }
}
