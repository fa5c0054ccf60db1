/** What names of fields and paths say: which thing they are of, and what to call it. */

/** `orderId`, `order_id` and `order-id` as `order`, `id`. */
export const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');

export function singular(word: string): string {
  if (/(?:ss|us|is)$/.test(word)) return word;
  if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/(?:x|ch|sh|ss)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith('s') ? word.slice(0, -1) : word;
}

export const isPlural = (word: string): boolean => singular(word) !== word;

/** Fields that identify the thing that they are in. */
const IDS = ['id', 'uuid', 'guid', 'pk', 'key', 'slug', 'number', 'no', 'ref', 'handle', 'sku'];
/** Fields whose values are made up by a server. */
const TOKENS = ['token', 'code', 'nonce', 'csrf', 'xsrf', 'ticket', 'state'];
const VERBS = ['create', 'add', 'new', 'update', 'get', 'fetch', 'post', 'put', 'current'];

/** Whether a value with this name identifies something, even if it is as short as `7`. */
export const isIdLike = (key: string): boolean => {
  const last = wordsOf(key).at(-1) ?? '';
  return IDS.includes(last) || TOKENS.includes(last);
};

const isBareId = (key: string): boolean => {
  const [first = '', ...more] = wordsOf(key);
  return more.length === 0 && IDS.includes(first);
};

/**
 * Names of the same thing have the same subject: `order` of the field `id` in an `order`, of `orderId`, and of what follows
 * `/orders/`. Empty if nothing says which thing it is.
 *
 * @param owner what has the field
 */
export function subjectOf(key: string, owner: string): string {
  const own = isBareId(key) ? [] : wordsOf(key);
  const words = own.length > 0 ? own : wordsOf(owner);
  const plain = words.filter((word, index) => !(index === 0 && VERBS.includes(word) && words.length > 1));
  if (plain.length > 1 && IDS.includes(plain.at(-1) ?? '')) plain.pop();
  return plain.map(singular).join('');
}

const camel = (words: readonly string[]): string =>
  words
    .map((word, index) => (index === 0 ? word : `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`))
    .join('');

/** `orderId` for the field `id` of an order, `accessToken` for `access_token`, `csrfToken` for `X-CSRF-Token`. */
export function captureName(key: string, owner: string): string {
  const own = wordsOf(key);
  const kept = own[0] === 'x' && own.length > 1 ? own.slice(1) : own;
  const words = isBareId(key) ? [...wordsOf(owner).map(singular), ...kept] : kept;
  const name = camel(words.slice(-4));
  return /^[a-z]/.test(name) ? name : 'value';
}

/** Variables that mean something else already. */
const TAKEN =
  /^(?:PATH|HOME|USER|USERNAME|SHELL|PWD|PORT|HOST|HOSTNAME|LANG|TERM|TMPDIR|TEMP|TMP|CI|KEY|CODE|ID|NODE_.*|NPM_.*|LD_.*)$/;

/** The environment variable for a field: `PASSWORD`, `API_KEY` for `X-Api-Key`. */
export function variableName(key: string): string {
  const words = wordsOf(key);
  const kept = words[0] === 'x' && words.length > 1 ? words.slice(1) : words;
  const name = kept.slice(-4).join('_').toUpperCase();
  if (name === '') return 'SECRET';
  return TAKEN.test(name) || /^\d/.test(name) ? `LOAD_${name}` : name;
}

/** A name that is not taken: `id`, then `id2`. */
export function free(name: string, taken: ReadonlySet<string>, between = ''): string {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1) {
    const next = `${name}${between}${number}`;
    if (!taken.has(next)) return next;
  }
}

/** Whether a segment of a path names one thing rather than a kind of them: `17`, a UUID, a hash. */
export const isIdSegment = (segment: string): boolean =>
  /^\d+$/.test(segment) ||
  /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(segment) ||
  (segment.length >= 8 && /\d/.test(segment) && /^[\w.~:=-]+$/.test(segment));

/**
 * Whether a value is unlikely to be met by chance: two responses and requests that have it speak of the same thing.
 * Dates, addresses and plain words are met by chance.
 */
export function isUnique(value: string): boolean {
  if (value.length < 8 || value.length > 4096 || /[\s@]|:\/\//.test(value)) return false;
  if (/^\d{4}-\d\d(?:-\d\d|$)|^\d+\.\d+$|^[\d.,:/-]{1,10}$/.test(value)) return /^\d{8,}$/.test(value);
  if (/\d/.test(value)) return true;
  return value.length >= 16 && /[a-z]/.test(value) && /[A-Z]/.test(value);
}
