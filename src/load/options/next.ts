/** Requests that a function returns while the load runs, by the same rules as those in options. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { safeParse } from 'valibot';
import type { LoadNext, LoadRequest } from '../../core/load.ts';
import type { Problem } from '../../kinds/common/problem.ts';
import { Mistakes, nameInConfig } from './mistakes.ts';
import { type LoadRequestOptions, LoadRequestSchema, type LoadStepsFunction } from './options.ts';
import { checkShape } from './request-shape.ts';
import { type Common, toRequest } from './requests.ts';

/** From so many characters on, a part of a path with a digit is an identifier rather than a word. */
const LONG = 20;

const isHex = (part: string): boolean => part.length >= 8 && /^[\da-f-]+$/i.test(part);

/** Whether a part of a path differs from one resource to the next: a number, a UUID, a hash, a token. */
const isIdentifier = (part: string): boolean =>
  /\d/.test(part) && (/^\d+$/.test(part) || isHex(part) || part.length >= LONG);

/** `GET /orders/{id}` for all of `GET /orders/17?full=1`. */
export function generalName(method: string, path: string): string {
  const [plain = ''] = path.split(/[?#]/, 1);
  const parts = plain.split('/').map((part) => (isIdentifier(part) ? '{id}' : part));
  return `${method} ${parts.join('/')}`;
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** Where an error was thrown, as far as its stack tells: `shakedown.config.ts:12:7`. */
function placeOf({ stack = '' }: Error, folder: string): string | undefined {
  const frame = stack.split('\n').find((line) => /^ +at .*:\d+\)?$/.test(line) && !line.includes('node:'));
  if (frame === undefined) return undefined;
  const place = frame.slice(Math.max(frame.lastIndexOf('('), frame.lastIndexOf(' ')) + 1).replace(')', '');
  const file = place.startsWith('file:') ? fileURLToPath(place) : place;
  const near = relative(folder, file);
  return near.startsWith('..') ? file : near;
}

function thrown(error: unknown, folder: string): string {
  try {
    if (!(error instanceof Error)) return `it threw ${String(error)}`;
    const place = placeOf(error, folder);
    const [message = ''] = error.message.split('\n', 1);
    return `it threw ${error.name}: ${message}${place === undefined ? '' : ` (${place})`}`;
  } catch {
    return 'it threw something that cannot be shown';
  }
}

/** @returns the request, or what is wrong with it */
function checked(made: unknown, common: Common, folder: string): LoadRequest | { readonly wrong: string } {
  const parsed = safeParse(LoadRequestSchema, made);
  if (!parsed.success) {
    const [{ message, path = [] }] = parsed.issues;
    const at = path.map(({ key }) => key as string | number);
    return { wrong: `it returned no request: ${at.length === 0 ? '' : `${nameInConfig(at)} `}${message}` };
  }
  const given = parsed.output as LoadRequestOptions;
  const problems: Problem[] = [];
  const tell = (problem: Problem): number => problems.push(problem);
  const mistakes = new Mistakes({ nameOf: nameInConfig, folder, tell });
  checkShape(given, [], mistakes);
  const request = toRequest(given, [], common, mistakes, false);
  const [problem] = problems;
  if (problem !== undefined) return { wrong: `it returned no request: ${problem.message}` };
  return given.name === undefined ? { ...request, name: generalName(request.method, request.path) } : request;
}

/**
 * @param ask the function of a config, which may do anything: whatever it throws or returns becomes a request or a mistake
 * @param common what all requests have
 */
export function toNext(ask: LoadStepsFunction, common: Common, mistakes: Mistakes): LoadNext {
  const folder = mistakes.resolve('.');
  return (last, user) => {
    try {
      const made: unknown = ask(last, user);
      if (made === null) return null;
      if (!isPromise(made)) return checked(made, common, folder);
      // Its failure is no failure of ours.
      made.then(undefined, () => {});
      return { wrong: 'it returned a promise, but must answer at once: it cannot be async' };
    } catch (error) {
      return { wrong: thrown(error, folder) };
    }
  };
}
