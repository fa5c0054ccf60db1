/**
 * Finds where secrets stand, known or not: the one list of rules, for quoted text and for the bytes of a log. Each rule
 * takes linear time, and knows only ASCII, so that it works alike on bytes read as Latin-1.
 */

/** The shortest value that counts as a secret where only a name suggests one. */
export const SHORTEST_GUESSED = 6;
/** Digits alone are usually a port, a size or a time. */
const SHORTEST_NUMBER = 8;

/** Well-known development values of variables with telling names: not secrets. */
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
    'APIKEY APIKEYS PAT AUTH AUTHORIZATION AUTHTOKEN JWT BEARER COOKIE COOKIES ' +
    'CSRF XSRF CSRFTOKEN CSRFMIDDLEWARETOKEN SESSID SESSIONID JSESSIONID PHPSESSID'
  ).split(' '),
);
/** Whatever precedes them in the same word: PGPASSWORD is the one that PostgreSQL's clients read. */
const TELLING_END = /(?:PASSWORD|PASSWD|PASSPHRASE)$/;
/** A key is a secret when one of these precedes it. */
const TELLING_KEYS = new Set(
  'API ACCESS SECRET PRIVATE ENCRYPTION SIGNING MASTER AUTH SSH SERVICE ACCOUNT DEPLOY SESSION LICENSE STORAGE STRIPE'.split(
    ' ',
  ),
);
/** A name that ends like this describes the secret, but is not it. */
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

/** Every telling word contains one of these; most names contain none. */
const TELLING = /token|secret|pass|pwd|credential|key|auth|jwt|bearer|cookie|pat|[cx]srf|sess/i;

/** Memoised: the same names recur in output. */
const judged = new Map<string, boolean>();
const MOST_JUDGED = 1000;
const LONGEST_JUDGED = 100;

/** Whether a name sounds like that of a secret: `CI_TOKEN`, `x-api-key`, `dbPassword`. */
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
  // PWD and OLDPWD are folders.
  if (ABOUT.has(words.at(-1) ?? '') || (words.length === 1 && words[0] === 'PWD')) return false;
  return words.some(
    (word, index) =>
      TELLING_WORDS.has(word) ||
      TELLING_END.test(word) ||
      (word === 'KEY' && TELLING_KEYS.has(words[index - 1] ?? '')),
  );
}

/** Whether the value of a name that suggests a secret can be one. */
export function isPlausible(value: string): boolean {
  if (value.length < SHORTEST_GUESSED) return false;
  if (/^\d+$/.test(value) && value.length < SHORTEST_NUMBER) return false;
  // A reference is not a secret: $TOKEN, ${{ secrets.TOKEN }}, {{token}}, %TOKEN%, <token>.
  return !/^(?:\$|\{\{|%\w+%$|<)/.test(value) && !COMMON.has(value.toLowerCase());
}

const SPELLINGS = [
  (word: string) => word.toLowerCase(),
  (word: string) => word,
  (word: string) => `${word.slice(0, 1)}${word.slice(1).toLowerCase()}`,
] as const;
const CAPITALS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');

/** What can follow a word within a name, or a whole name: also a colour sequence. */
const AFTER_WORD = ['=', ' ', '"', "'", '\\', '_', '-', '.', '\u001b'];

/** A telling word as it appears in names; at least four letters, since short needles are slow to search for. */
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

/** A search for a text also finds every text that contains it. */
const shortestOf = (texts: readonly string[]): string[] =>
  texts.filter(
    (text, index) => !texts.some((other, at) => text.includes(other) && (text !== other || at < index)),
  );

/** Every name that sounds secret contains one, if its words are in lower, upper or title case. Four bytes at least. */
export const TELLING_NEEDLES: readonly string[] = shortestOf([
  ...[...TELLING_WORDS].flatMap(needlesOf),
  ...keyNeedles(),
]);
/** Everything that `HEADER` matches contains one of these, in the same spellings; the rarest letters first. */
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
/** `scheme://name:password@`; if there are several @, the last one counts, as in the URL standard. */
const URL_PASSWORD = /(:\/\/([^\t-\r /?#:@'"]*):)([^\t-\r /?#'"]+)(?=@)/g;
/** A URL that may have a password, whose end has not arrived yet. */
const OPEN_URL = /:\/\/([^\t-\r /?#'"]+)$/;
/** The value of a header extends to the end of the line, or to the closing quote. A cookie may contain quotes. */
const HEADER =
  /\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-auth-token|(?:x-[a-z-]{1,40}|private|job|deploy)-token(?=:))(\\?["']?[ \t]?[:=][ \t]*\\?["']?)((?<=["'])(?:[^"'\\\r\n]|\\(?!["']))+|(?<!["'])(?![ \t\\])(?:="[^"\r\n]*(?:"|$)|[^"'\r\n])+)/gi;
const SCHEME = /^(?:Basic|Bearer|Digest|Token|ApiKey|Negotiate)[ ]+/i;
/** `NAME=`, `--name=`, `"name": `, `"name"=>`, `"name": [`, with the value's opening quote. */
const ASSIGNED = /(?<![\w.-])([A-Za-z_-][\w.-]*)(?: ?= ?|\\?["'] ?(?::|=>) ?(?:\[ ?(?=\\?["']))?)(\\?["']?)/g;
/** `--name `, with the value's opening quote. */
const OPTION = /(?<![\w.-])(--[\w.-]+) +(\\?["']?)/g;

/** Values by their opening quote; the last ones are for JSON inside of JSON. */
const VALUES: Readonly<Record<string, RegExp>> = {
  '': /[^\t-\r "'`&|;<>,]+/y,
  '"': /(?:[^"\\\r\n]|\\.?)+/y,
  "'": /(?:[^'\\\r\n]|\\.?)+/y,
  '\\"': /(?:[^"\\\r\n]|\\(?:$|[^"]))+/y,
  "\\'": /(?:[^'\\\r\n]|\\(?:$|[^']))+/y,
};

/** A name and its value. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** It is an option's next word. */
  readonly isNextWord: boolean;
}

/** A name and its `=`, where a value could begin. */
const NAME_AND_SIGN = /([A-Za-z_-][\w.-]*) ?=(?!=)/y;

/**
 * An empty variable may precede another: `PASSWORD= API_TOKEN=…`, as shells trace commands, or `Auth=DB_PASSWORD=…`.
 */
function isNameOfNext(text: string, start: number, isSecret: (name: string) => boolean): boolean {
  NAME_AND_SIGN.lastIndex = start;
  const [, name] = NAME_AND_SIGN.exec(text) ?? [];
  return name !== undefined && isSecret(name);
}

/** The start of a further quoted item in a list. */
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
  // The caller may search another text in between: set `lastIndex` anew each time.
  for (let from = 0; ; ) {
    pattern.lastIndex = from;
    const sign = pattern.exec(text);
    if (sign === null) return;
    const [, name = '', quote = ''] = sign;
    const start = pattern.lastIndex;
    from = start;
    // An option does not take another option as its value.
    if ((isNextWord && quote === '' && text[start] === '-') || !isSecret(name)) continue;
    const expression = VALUES[quote];
    // What begins inside an unquoted value ends with it.
    if (expression === undefined || start < covered) continue;
    if (quote === '' && isNameOfNext(text, start, isSecret)) continue;
    expression.lastIndex = start;
    const [value] = expression.exec(text) ?? [];
    if (value === undefined) continue;
    covered = start + value.length;
    // An unquoted value may end with a name and `=`, where another value begins.
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
 * The values of secret names: `NAME=value`, `--name=value`, `--name value`, `"name": "value"`.
 *
 * @param isSecret decides by name
 */
export function* assignments(text: string, isSecret: (name: string) => boolean): Generator<Assignment> {
  if (/=|["'] ?:/.test(text)) yield* valuesAfter(ASSIGNED, text, isSecret);
  if (text.includes('--')) yield* valuesAfter(OPTION, text, isSecret);
}

/** Tokens with a recognisable form: of GitHub, GitLab, npm, Stripe, Slack and AWS, and JSON Web Tokens. */
const TOKEN =
  /(?<![A-Za-z\d])(?:gh[pousr]_[A-Za-z\d]{36,}|github_pat_\w{22,}|glpat-[\w-]{20,}|npm_[A-Za-z\d]{36,}|(?:sk|rk)_(?:live|test)_[A-Za-z\d]{10,}|xox[abprs]-[A-Za-z\d-]{10,}|AKIA[A-Z\d]{16}(?![A-Za-z\d])|(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})/g;

/** The places of tokens with a recognisable form, whatever is around them. */
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

export function* headerFields(text: string): Generator<HeaderField> {
  if (!/zation|kie|x-a|ken:/i.test(text)) return;
  for (const { index, 0: all, 1: name = '', 3: value = '' } of text.matchAll(HEADER)) {
    const end = index + all.length;
    if (!namesCookie(text, index, end)) yield { name, value, start: end - value.length, end };
  }
}

/** `'cookie:sid'`, as a load captures a cookie, has its name and not its value: a cookie that is sent has a `=`. */
const namesCookie = (text: string, start: number, end: number): boolean =>
  /^(["'])cookie:[\w-]{1,64}\1$/.test(text.slice(start - 1, end + 1));

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

/** The secret parts of a header's value: what follows the scheme, or the value of each cookie. */
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

export interface SecretPlace {
  readonly start: number;
  readonly end: number;
  /** More text could extend it, or show that it is not a secret. */
  readonly isOpen: boolean;
}

/** Words after an option are usually prose. */
const isSentence = ({ value, isNextWord }: Assignment): boolean => isNextWord && /^[a-z]+$/i.test(value);

/**
 * The places of secrets in a text, in no particular order.
 *
 * @param isSecret decides by name
 * @param isOpen more of the text may follow
 */
export function* secretPlaces(
  text: string,
  isSecret: (name: string) => boolean,
  isOpen = false,
): Generator<SecretPlace> {
  const ends = (end: number): boolean => isOpen && end === text.length;
  // An `=` may follow the blank, and then it is a name, not a value.
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
