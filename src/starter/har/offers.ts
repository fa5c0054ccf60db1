/** The values in a recorded response that a later request may repeat, and how to get them from the next one like it. */
import { type Exchange, type Field, headerOf, isJsonType } from './archive.ts';
import { jsonOf, leavesOf, resourceOf } from './slots.ts';
import { isIdLike, isIdSegment } from './words.ts';

export interface Offer {
  readonly value: string;
  /** How `capture` names its place: `json:items.0.id`, `header:x-csrf`, `cookie:sid`, or a regular expression. */
  readonly source: string | RegExp;
  /** The name of its field, and what has it. */
  readonly key: string;
  readonly owner: string;
  readonly isIdLike: boolean;
  /** It is no number in JSON, which would be filled into JSON as one. */
  readonly isText: boolean;
}

/** More values than that, and longer pages, are not looked at. */
const MOST = 20_000;
const LONGEST_PAGE = 4_000_000;

function jsonOffers(exchange: Exchange): Offer[] {
  const json = isJsonType(exchange.answerType) ? jsonOf(exchange.answer) : undefined;
  if (json === undefined) return [];
  const resource = resourceOf(exchange.url);
  return leavesOf(json.value)
    .slice(0, MOST)
    .filter(({ path }) => path.length > 0 && path.every((each) => each !== '' && !/[.\s]/.test(each)))
    .map(({ path, owner, value, isText }) => {
      const key = path.findLast((each) => !/^\d+$/.test(each)) ?? '';
      const isField = path.at(-1) === key;
      return {
        ...{ value, source: `json:${path.join('.')}`, key, owner: owner === '' ? resource : owner },
        ...{ isIdLike: isField && isIdLike(key), isText },
      };
    });
}

const COMMON_HEADERS =
  /^(?:date|server|content-.*|etag|last-modified|expires|age|vary|cache-control|pragma|connection|keep-alive|transfer-encoding|location|allow|link|via|alt-svc|set-cookie|strict-transport-security|x-powered-by|x-frame-options|x-xss-protection|x-content-type-options|access-control-.*|cross-origin-.*|referrer-policy|permissions-policy|report-to|nel|server-timing|timing-allow-origin|x-runtime|retry-after|accept-ranges|x-ratelimit-.*|ratelimit-.*)$/i;

/** One that is needed to change what somebody else may have changed since. */
const isVersion = (name: string): boolean => /^etag$/i.test(name);

const headerOffers = ({ answerHeaders }: Exchange): Offer[] =>
  answerHeaders
    .filter(
      ([name, value]) =>
        (isVersion(name) || !COMMON_HEADERS.test(name)) && /^[\w-]+$/.test(name) && value !== '',
    )
    .map(([name, value]) => ({
      ...{ value, source: `header:${name.toLowerCase()}`, key: name, owner: '' },
      ...{ isIdLike: isIdLike(name), isText: true },
    }));

/** Several may have been joined by line breaks, as Chrome does. */
const cookieOffers = ({ answerHeaders }: Exchange): Offer[] =>
  answerHeaders
    .filter(([name]) => name.toLowerCase() === 'set-cookie')
    .flatMap(([, value]) => value.split('\n'))
    .flatMap((cookie): Offer[] => {
      const [, name = '', value = ''] = /^\s*([\w.-]+)=("?[^";]*"?)/.exec(cookie) ?? [];
      if (name === '' || value === '') return [];
      const isKey = isIdLike(name);
      return [{ value, source: `cookie:${name}`, key: name, owner: '', isIdLike: isKey, isText: true }];
    });

const TAG = /<(?:input|meta)\s([^<>]{1,2000})>/gi;
const ATTRIBUTE = /([\w-]{1,60})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)')/g;
const LINK = /\s(?:href|action)="(\/[^"#?\s<>]{1,500})/gi;

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** The pattern is only of use if it finds just this value. */
function pageOffer(page: string, pattern: string, value: string, key: string, owner: string): Offer[] {
  const source = new RegExp(pattern);
  const isFound = value !== '' && source.exec(page)?.[1] === value;
  return isFound ? [{ value, source, key, owner, isIdLike: true, isText: true }] : [];
}

/** Hidden fields and `meta` elements, such as those with a token against forged requests. */
function fieldOffers(page: string): Offer[] {
  return Array.from(page.matchAll(TAG)).flatMap(([, text = '']) => {
    const attributes = Array.from(
      text.matchAll(ATTRIBUTE),
      ({ 0: all, 1: name = '', 2: value, 3: single }) => ({
        ...{ name: name.toLowerCase(), value: value ?? single ?? '', quote: all.at(-1) ?? '"', written: all },
      }),
    );
    const find = (...names: string[]) => attributes.find(({ name }) => names.includes(name));
    const [name, value] = [find('name'), find('value', 'content')];
    if (name === undefined || value === undefined || !/^[\w.[\]:-]{1,80}$/.test(name.value)) return [];
    const { quote } = value;
    const taken = `${value.written.slice(0, value.written.indexOf(quote))}${quote}([^${quote}]+)${quote}`;
    const isFirst = attributes.indexOf(name) < attributes.indexOf(value);
    const pattern = (isFirst ? [escaped(name.written), taken] : [taken, escaped(name.written)]).join(
      '[^<>]*',
    );
    return pageOffer(page, pattern, value.value, name.value, '');
  });
}

/** What links lead to: the first of each kind. */
function linkOffers(page: string): Offer[] {
  const seen = new Set<string>();
  return Array.from(page.matchAll(LINK)).flatMap(([, path = '']) => {
    const segments = path.split('/');
    return segments.flatMap((segment, index): Offer[] => {
      const before = segments.slice(0, index).join('/');
      if (!isIdSegment(segment) || seen.has(before) || segments.slice(0, index).some(isIdSegment)) return [];
      seen.add(before);
      return pageOffer(page, `"${escaped(before)}\\/([^"/?#]+)`, segment, '', segments[index - 1] ?? '');
    });
  });
}

/** Where a redirect leads to: most servers say it in its body as well. */
function redirectOffers(answerHeaders: readonly Field[], page: string): Offer[] {
  const [, path = ''] =
    /^(?:https?:\/\/[^/]+)?(\/[^?#\s]*)/.exec(headerOf(answerHeaders, 'location') ?? '') ?? [];
  const segments = path.split('/');
  const index = segments.findIndex(isIdSegment);
  if (index === -1) return [];
  const [before, segment = ''] = [segments.slice(0, index).join('/'), segments[index]];
  return pageOffer(page, `${escaped(before)}\\/([^"'/?#\\s<>]+)`, segment, '', segments[index - 1] ?? '');
}

function pageOffers({ answer, answerType, answerHeaders, status }: Exchange): Offer[] {
  if (answer === null || answer.length > LONGEST_PAGE) return [];
  if (status >= 300 && status < 400) return redirectOffers(answerHeaders, answer);
  return answerType === 'text/html' ? [...fieldOffers(answer), ...linkOffers(answer)].slice(0, MOST) : [];
}

/** The most exact sources first. */
export const offersOf = (exchange: Exchange): Offer[] => [
  ...jsonOffers(exchange),
  ...headerOffers(exchange),
  ...cookieOffers(exchange),
  ...pageOffers(exchange),
];
