/** A readable name for each step: `login`, `create-order`, `read-order`, `list-orders`. */

import type { Recorded } from './flow.ts';
import type { RenderedRequest } from './render.ts';
import { decoded, jsonOf } from './slots.ts';
import { free, isIdSegment, isPlural, singular, wordsOf } from './words.ts';

const kebab = (words: readonly string[]): string => words.slice(0, 5).join('-').slice(0, 60);

/** Versions and the like say nothing about what is asked for. */
const isWord = (segment: string): boolean => /[a-z]/i.test(segment) && !/^(?:v\d+|api|rest)$/i.test(segment);

/** What a query of GraphQL calls itself. */
function operationOf({ exchange: { body, url } }: Recorded): string | undefined {
  if (!/graphql|\/gql$/i.test(url.pathname)) return undefined;
  const data = jsonOf(body?.text ?? null)?.value;
  const { operationName, query } = (typeof data === 'object' && data !== null ? data : {}) as Record<
    string,
    unknown
  >;
  if (typeof operationName === 'string' && operationName !== '') return operationName;
  const [, found] = /^\s*(?:query|mutation)\s+(\w+)/.exec(typeof query === 'string' ? query : '') ?? [];
  return found;
}

function verbOf(method: string, isOne: boolean, last: string): string {
  if (method === 'GET') return isOne ? 'read' : isPlural(last) ? 'list' : 'get';
  if (method === 'POST') return isPlural(last) && !isOne ? 'create' : '';
  if (method === 'PUT' || method === 'PATCH') return 'update';
  return method.toLowerCase();
}

function nameOf(recorded: Recorded, isFilled: (index: number) => boolean): string {
  const operation = operationOf(recorded);
  const { method, url } = recorded.exchange;
  if (operation !== undefined) return kebab(wordsOf(operation)) || 'query';
  const segments = url.pathname
    .split('/')
    .map(decoded)
    .map((text, index) => ({
      ...{ text, isId: text !== '' && (isFilled(index) || isIdSegment(text)) },
    }));
  const named = segments.filter(({ text, isId }) => text !== '' && (isId || isWord(text)));
  const isOne = named.at(-1)?.isId === true;
  const [last = ''] = named
    .flatMap(({ text, isId }) => (isId ? [] : [text.replace(/\.\w{1,5}$/, '')]))
    .slice(-1);
  const before = named.slice(0, -1);
  // `POST /orders/17/cancel` cancels an order.
  const of = !isOne && before.at(-1)?.isId === true ? before.findLast(({ isId }) => !isId)?.text : undefined;
  const verb = verbOf(method, isOne, last);
  const words = wordsOf(verb === 'list' || verb === 'get' ? last : singular(last.toLowerCase()));
  const all = [verb, ...words, ...(of === undefined || verb !== '' ? [] : wordsOf(singular(of)))];
  const text = kebab(all.filter((word) => word !== ''));
  if (words.length > 0) return text;
  return method === 'GET' ? 'home' : method.toLowerCase();
}

/** Requests that are alike have one name; the others, names of their own. */
export function nameSteps(
  steps: readonly Recorded[],
  rendered: readonly RenderedRequest[],
  isFilled: (step: Recorded, segment: number) => boolean,
): string[] {
  const byRequest = new Map<string, string>();
  const taken = new Set<string>();
  return steps.map((step, index) => {
    const name = nameOf(step, (segment) => isFilled(step, segment));
    const path =
      rendered[index]?.path.parts.map((part) => (typeof part === 'string' ? part : '')).join('') ?? '';
    const key = `${step.exchange.method} ${path.replace(/\?.*$/s, '')} ${operationOf(step) ?? ''}`;
    const own = byRequest.get(key) ?? free(name, taken, '-');
    byRequest.set(key, own);
    taken.add(own);
    return own;
  });
}
