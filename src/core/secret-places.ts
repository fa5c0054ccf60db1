/**
 * Where secrets stand, whether or not they are known: the one list of rules, for text that is quoted and for the bytes of
 * a log. Each rule takes time in proportion to the text, and knows only ASCII, so that it means the same in bytes that
 * were read as Latin-1.
 */

/** Shortest value that is taken for a secret where a name only suggests one. */
export const SHORTEST_GUESSED = 6;
/** Digits alone are more often a port, a size or a time. */
const SHORTEST_NUMBER = 8;

/** Values of variables with telling names that are no secrets, as development has them. */
const COMMON = new Set(
  [
    'true false null none undefined enabled disabled default optional required debug info warn warning error',
    'trace verbose silent test tests testing staging production development local localhost example sample dummy',
    'password passwd passphrase secret secrets token changeme change-me changeit admin administrator root guest',
    'postgres postgresql mysql mariadb redis mongodb rabbitmq mongo minio minioadmin keycloak basic bearer digest',
    'oauth2 session cookie string number public private internal external inherit always never required',
  ].flatMap((line) => line.split(' ')),
);

const TELLING_WORDS = new Set(
  (
    'TOKEN TOKENS SECRET SECRETS PASSWORD PASSWORDS PASSWD PASS PWD PASSPHRASE PASSCODE CREDENTIAL CREDENTIALS ' +
    'APIKEY APIKEYS PAT AUTH AUTHORIZATION AUTHTOKEN JWT BEARER COOKIE COOKIES'
  ).split(' '),
);
/** A key is a secret when one of these stands before it. */
const TELLING_KEYS = new Set(
  'API ACCESS SECRET PRIVATE ENCRYPTION SIGNING MASTER AUTH SSH SERVICE ACCOUNT DEPLOY SESSION LICENSE STORAGE STRIPE'.split(
    ' ',
  ),
);
/** What a name that ends so names is about the secret and not the secret. */
const ABOUT = new Set(
  (
    'FILE PATH DIR DIRECTORY SOCK SOCKET URL URI HOST PORT ENDPOINT NAME USER USERNAME TYPE TTL TIMEOUT LENGTH ' +
    'EXPIRY EXPIRES ENABLED COUNT LIMIT SIZE ALGORITHM ISSUER AUDIENCE VERSION REGION SCOPE MODE METHOD PROVIDER ENV'
  ).split(' '),
);

const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .split(/[^A-Z\d]/)
    .filter((word) => word !== '');

/** Each telling word holds one of these; most names none. */
const TELLING = /token|secret|pass|pwd|credential|key|auth|jwt|bearer|cookie|pat/i;

/** What is known of names: output has the same ones again and again. */
const judged = new Map<string, boolean>();
const MOST_JUDGED = 1000;
const LONGEST_JUDGED = 100;

/** Whether what bears this name is a secret, by the sound of it: `CI_TOKEN`, `x-api-key`, `dbPassword`. */
export function soundsSecret(name: string): boolean {
  if (!TELLING.test(name)) return false;
  const known = judged.get(name);
  if (known !== undefined) return known;
  const judgement = isTelling(name);
  if (judged.size === MOST_JUDGED) judged.clear();
  if (name.length <= LONGEST_JUDGED) judged.set(name, judgement);
  return judgement;
}

function isTelling(name: string): boolean {
  const words = wordsOf(name);
  // PWD and OLDPWD are the folder that a shell is in.
  if (ABOUT.has(words.at(-1) ?? '') || (words.length === 1 && words[0] === 'PWD')) return false;
  return words.some(
    (word, index) => TELLING_WORDS.has(word) || (word === 'KEY' && TELLING_KEYS.has(words[index - 1] ?? '')),
  );
}

/** Whether what stands under a name that suggests a secret is one. */
export function isPlausible(value: string): boolean {
  if (value.length < SHORTEST_GUESSED) return false;
  if (/^\d+$/.test(value) && value.length < SHORTEST_NUMBER) return false;
  // What only refers to it is none: $TOKEN, ${{ secrets.TOKEN }}, {{token}}, %TOKEN%, <token>.
  return !/^(?:\$|\{\{|%\w+%$|<)/.test(value) && !COMMON.has(value.toLowerCase());
}

const SPELLINGS = [
  (word: string) => word.toLowerCase(),
  (word: string) => word,
  (word: string) => `${word.slice(0, 1)}${word.slice(1).toLowerCase()}`,
] as const;
const CAPITALS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');

/** What can follow a word within a name, and a name: a colour may. */
const AFTER_WORD = ['=', ' ', '"', "'", '\\', '_', '-', '.', '\u001b'];

/** A telling word as names hold it; four letters at least, since short texts are slow to look for. */
function needlesOf(word: string): string[] {
  const spelt = SPELLINGS.map((spell) => spell(word));
  if (word.length > 3) return spelt;
  return spelt.flatMap((text) =>
    [...AFTER_WORD, ...(text === word ? [] : CAPITALS)].map((next) => `${text}${next}`),
  );
}

const keyNeedles = (): string[] => [
  ...['_', '-', '.'].flatMap((sign) => SPELLINGS.map((spell) => `${sign}${spell('KEY')}`)),
  ...[...TELLING_KEYS].flatMap((word) =>
    ['Key', 'KEY'].map((key) => `${word.slice(-1).toLowerCase()}${key}`),
  ),
];

/** Whoever looks for a text finds those that hold it. */
const shortestOf = (texts: readonly string[]): string[] =>
  texts.filter(
    (text, index) => !texts.some((other, at) => text.includes(other) && (text !== other || at < index)),
  );

/**
 * One of these is in each name that sounds secret, if its words are in small letters, in capitals, or begin with a
 * capital. Each has at least four bytes.
 */
export const TELLING_NEEDLES: readonly string[] = shortestOf([
  ...[...TELLING_WORDS].flatMap(needlesOf),
  ...keyNeedles(),
]);
/** One of these is in what `HEADER` matches, in the same spellings: the rarest of their letters first. */
export const HEADER_NEEDLES = [
  'zation',
  'ZATION',
  'kie',
  'KIE',
  'x-a',
  'X-A',
  'ken:',
  'KEN:',
  'ken\u001b',
  'KEN\u001b',
] as const;
/** `scheme://name:password@`; of several @ the last ends it, as in the URL standard. */
const URL_PASSWORD = /(:\/\/([^\t-\r /?#:@'"]*):)([^\t-\r /?#'"]+)(?=@)/g;
/** A URL that may have a password, its end not being there yet. */
const OPEN_URL = /:\/\/([^\t-\r /?#'"]+)$/;
/** Of a header everything up to the end of the line is its value, or up to the quote. A cookie may be quoted within. */
const HEADER =
  /\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-auth-token|(?:x-[a-z-]{1,40}|private|job|deploy)-token(?=:))(\\?["']?[ \t]?[:=][ \t]*\\?["']?)((?<=["'])(?:[^"'\\\r\n]|\\(?!["']))+|(?<!["'])(?![ \t\\])(?:="[^"\r\n]*(?:"|$)|[^"'\r\n])+)/gi;
const SCHEME = /^(?:Basic|Bearer|Digest|Token|ApiKey|Negotiate)[ ]+/i;
/** `NAME=`, `--name=`, `"name": `, `"name"=>`, `"name": [`, with the quote that the value begins with. */
const ASSIGNED = /(?<![\w.-])([A-Za-z_-][\w.-]*)(?: ?= ?|\\?["'] ?(?::|=>) ?(?:\[ ?(?=\\?["']))?)(\\?["']?)/g;
/** `--name `, with the quote that the value begins with. */
const OPTION = /(?<![\w.-])(--[\w.-]+) +(\\?["']?)/g;

/** Values by what they begin with; the last are those in JSON that is itself in JSON. */
const VALUES: Readonly<Record<string, RegExp>> = {
  '': /[^\t-\r "'`&|;<>,]+/y,
  '"': /(?:[^"\\\r\n]|\\.?)+/y,
  "'": /(?:[^'\\\r\n]|\\.?)+/y,
  '\\"': /(?:[^"\\\r\n]|\\(?:$|[^"]))+/y,
  "\\'": /(?:[^'\\\r\n]|\\(?:$|[^']))+/y,
};

/** A name and what stands beside it. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** It follows an option as the next word. */
  readonly isNextWord: boolean;
}

/** A name and its sign, where a value could begin. */
const NAME_AND_SIGN = /([A-Za-z_-][\w.-]*) ?=(?!=)/y;

/**
 * A variable without a value is followed by the next one: `PASSWORD= API_TOKEN=…`, as a shell tells what it runs, or
 * `Auth=DB_PASSWORD=…`.
 */
function isNameOfNext(text: string, start: number, isSecret: (name: string) => boolean): boolean {
  NAME_AND_SIGN.lastIndex = start;
  const [, name] = NAME_AND_SIGN.exec(text) ?? [];
  return name !== undefined && isSecret(name);
}

/** What stands in quotes behind another in a list. */
const NEXT_ITEM = /\\?["'] ?, ?(\\?["'])/y;

function* restOfList(text: string, end: number): Generator<{ value: string; start: number; end: number }> {
  for (let at = end; ; ) {
    NEXT_ITEM.lastIndex = at;
    const [sign = '', quote = ''] = NEXT_ITEM.exec(text) ?? [];
    const expression = VALUES[quote];
    if (sign === '' || expression === undefined) return;
    const start = at + sign.length;
    expression.lastIndex = start;
    const [value] = expression.exec(text) ?? [];
    if (value === undefined) return;
    at = start + value.length;
    yield { value, start, end: at };
  }
}

function* valuesAfter(
  pattern: RegExp,
  text: string,
  isSecret: (name: string) => boolean,
): Generator<Assignment> {
  const isNextWord = pattern === OPTION;
  let covered = 0;
  // Whoever asks may ask about another text in between: what the expressions remember is set anew each time.
  for (let from = 0; ; ) {
    pattern.lastIndex = from;
    const sign = pattern.exec(text);
    if (sign === null) return;
    const [, name = '', quote = ''] = sign;
    const start = pattern.lastIndex;
    from = start;
    // An option after an option is not its value.
    if ((isNextWord && quote === '' && text[start] === '-') || !isSecret(name)) continue;
    const expression = VALUES[quote];
    // What begins within a value and is in no quotes ends where that does.
    if (expression === undefined || start < covered) continue;
    if (quote === '' && isNameOfNext(text, start, isSecret)) continue;
    expression.lastIndex = start;
    const [value] = expression.exec(text) ?? [];
    if (value === undefined) continue;
    covered = start + value.length;
    // A value in no quotes may end with a name and its sign, and then another value begins.
    if (quote !== '') from = covered;
    yield { name, value, start, end: covered, isNextWord };
    if (!sign[0].includes('[')) continue;
    for (const item of restOfList(text, covered)) {
      covered = item.end;
      from = covered;
      yield { name, isNextWord, ...item };
    }
  }
}

/**
 * What stands under names that are those of secrets: `NAME=value`, `--name=value`, `--name value`, `"name": "value"`.
 *
 * @param isSecret whether it is, by its name
 */
export function* assignments(text: string, isSecret: (name: string) => boolean): Generator<Assignment> {
  if (/=|["'] ?:/.test(text)) yield* valuesAfter(ASSIGNED, text, isSecret);
  if (text.includes('--')) yield* valuesAfter(OPTION, text, isSecret);
}

/** Tokens that are known by their form: of GitHub, GitLab, npm, Stripe, Slack and AWS, and JSON Web Tokens. */
const TOKEN =
  /(?<![A-Za-z\d])(?:gh[pousr]_[A-Za-z\d]{36,}|github_pat_\w{22,}|glpat-[\w-]{20,}|npm_[A-Za-z\d]{36,}|(?:sk|rk)_(?:live|test)_[A-Za-z\d]{10,}|xox[abprs]-[A-Za-z\d-]{10,}|AKIA[A-Z\d]{16}(?![A-Za-z\d])|(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})/g;

/** Where tokens stand that are known by their form, whatever stands beside them. */
export function* tokens(
  text: string,
): Generator<{ readonly value: string; readonly start: number; readonly end: number }> {
  for (const { index, 0: value } of text.matchAll(TOKEN))
    yield { value, start: index, end: index + value.length };
}

export interface HeaderField {
  readonly name: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Headers whose values are secrets. */
export function* headerFields(text: string): Generator<HeaderField> {
  if (!/zation|kie|x-a|ken:/i.test(text)) return;
  for (const { index, 0: all, 1: name = '', 3: value = '' } of text.matchAll(HEADER)) {
    const end = index + all.length;
    yield { name, value, start: end - value.length, end };
  }
}

export interface UrlPassword {
  readonly user: string;
  readonly password: string;
  readonly start: number;
  readonly end: number;
}

export function* urlPasswords(text: string): Generator<UrlPassword> {
  if (!text.includes('://')) return;
  for (const { index, 0: all, 2: user = '', 3: password = '' } of text.matchAll(URL_PASSWORD)) {
    const end = index + all.length;
    yield { user, password, start: end - password.length, end };
  }
}

const schemeOf = (value: string): string => SCHEME.exec(value)?.[0] ?? '';

/** Which parts of the value of a header are secret: what follows the scheme, or the value of each cookie. */
export function headerParts(value: string): string[] {
  const scheme = schemeOf(value);
  if (scheme === '')
    return value.includes('=')
      ? value.split(/;\s?/).map((pair) => pair.slice(pair.indexOf('=') + 1))
      : [value];
  const credentials = value.slice(scheme.length).trim();
  const decoded = /^Basic /i.test(value) ? Buffer.from(credentials, 'base64').toString() : '';
  const at = decoded.indexOf(':');
  return at === -1 ? [credentials] : [credentials, decoded.slice(at + 1)];
}

/** Where a secret stands. */
export interface SecretPlace {
  readonly start: number;
  readonly end: number;
  /** What follows may be a part of it, or show that there is none. */
  readonly isOpen: boolean;
}

/** Words that follow an option are most often those of a sentence. */
const isSentence = ({ value, isNextWord }: Assignment): boolean => isNextWord && /^[a-z]+$/i.test(value);

/**
 * Where secrets stand in a text, in no order.
 *
 * @param isSecret whether what bears this name is one
 * @param isOpen more of the text may come
 */
export function* secretPlaces(
  text: string,
  isSecret: (name: string) => boolean,
  isOpen = false,
): Generator<SecretPlace> {
  const ends = (end: number): boolean => isOpen && end === text.length;
  // Behind the blank there may be a sign, and then it is no value but a name.
  const mayBeName = (end: number): boolean => isOpen && end === text.length - 1 && text.endsWith(' ');
  for (const { start, end } of urlPasswords(text)) yield { start, end, isOpen: false };
  const url = isOpen ? OPEN_URL.exec(text) : null;
  if (url !== null) yield { start: text.length - (url[1] ?? '').length, end: text.length, isOpen };
  for (const { value, start, end } of headerFields(text)) {
    const credentials = ends(end) ? start : start + schemeOf(value).length;
    yield { start: credentials, end, isOpen: ends(end) };
  }
  for (const each of assignments(text, isSecret)) {
    if (ends(each.end) || mayBeName(each.end)) yield { start: each.start, end: text.length, isOpen };
    else if (isPlausible(each.value) && !isSentence(each))
      yield { start: each.start, end: each.end, isOpen: false };
  }
}
