/** Modules that come with another runtime, or with the program a package extends; they cannot be declared or installed. */
import type { Finding } from '../../core/finding.ts';

/** By the whole specifier, as an import writes it. */
const RUNTIMES: readonly { readonly name: string; readonly specifiers: RegExp }[] = [
  { name: 'Bun', specifiers: /^bun(?::|$)/ },
  { name: 'Deno', specifiers: /^(?:deno(?::|$)|npm:|jsr:)/ },
  { name: 'Cloudflare Workers', specifiers: /^(?:cloudflare|workerd):/ },
  { name: 'Fastly Compute', specifiers: /^fastly:/ },
  { name: 'Electron', specifiers: /^electron(?:\/|$)/ },
  { name: 'Visual Studio Code', specifiers: /^vscode$/ },
];

/** A path that leads out of where it begins. */
const LEADS_AWAY = /(?:^|\/)\.\.?(?:\/|$)/;

/**
 * @param specifier as an import writes it; its scheme alone (`bun:`) where no more is known
 * @returns whose module it is; undefined if nobody known here has it
 */
export const otherRuntime = (specifier: string): string | undefined =>
  LEADS_AWAY.test(specifier)
    ? undefined
    : RUNTIMES.find(({ specifiers }) => specifiers.test(specifier))?.name;

const REFERENCE_ERROR = 'ReferenceError: ';
/** Globals of browsers and of other runtimes: what needs one is not meant for Node by itself. */
const GLOBAL =
  /^ReferenceError: (?:window|document|self|navigator|location|HTMLElement|Element|Node|customElements|CSSStyleSheet|localStorage|sessionStorage|indexedDB|importScripts|WorkerGlobalScope|XMLHttpRequest|Image|Bun|Deno|caches|chrome|browser|WebSocketPair|HTMLRewriter|EdgeRuntime) is not defined$/;

/** Those of test runners are words that a program has functions of its own for, and forgets to import. */
const TEST_GLOBAL = /^ReferenceError: (?:describe|it|test|expect|beforeEach|afterEach|jest) is not defined$/;
const FOR_TEST_RUNNERS = /(?:^|[@/._-])(?:jest|vitest|mocha|jasmine|chai|cypress|playwright)(?:[/._-]|$)/;
const TEST_FILE = /(?:^|\/)__tests__\/|\.(?:test|spec)\.[cm]?[jt]sx?$/;

/** As Node says them, to the end of the line: a program may say the like of something else. */
const NOT_FOUND =
  /^Error(?: \[ERR_MODULE_NOT_FOUND\])?: Cannot find (?:package|module) '(?<wanted>[^']+)'(?: imported from .+)?$/;
const UNKNOWN_SCHEME =
  /^Error(?: \[ERR_UNSUPPORTED_ESM_URL_SCHEME\])?: Only URLs with a scheme in: .* Received protocol '(?<wanted>[^']+)'$/;

const SAYING: readonly { readonly said: RegExp; readonly codes: readonly string[] }[] = [
  { said: NOT_FOUND, codes: ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'] },
  { said: UNKNOWN_SCHEME, codes: ['ERR_UNSUPPORTED_ESM_URL_SCHEME'] },
];

/** What more is known of an error, and of what threw it. */
export interface ErrorContext {
  /** Its code, null where it has none; undefined where that is not known. */
  readonly code?: string | null;
  /** Name of the package that was loaded, and of the file. */
  readonly package?: string;
  readonly file?: string;
}

/**
 * @param error of Node, as it shows it: `ReferenceError: window is not defined`
 * @returns what it lacks that another runtime has, as a sentence; undefined where that is not certainly what is wrong
 */
export function foreignNeed(error: string, context: ErrorContext = {}): string | undefined {
  const line = error.split('\n')[0] ?? '';
  const isForTests = FOR_TEST_RUNNERS.test(context.package ?? '') || TEST_FILE.test(context.file ?? '');
  if (GLOBAL.test(line) || (isForTests && TEST_GLOBAL.test(line))) return line.slice(REFERENCE_ERROR.length);
  const { code } = context;
  for (const { said, codes } of SAYING) {
    const wanted = said.exec(line)?.groups?.wanted;
    if (wanted === undefined || (code !== undefined && !codes.includes(code ?? ''))) continue;
    const runtime = otherRuntime(wanted);
    if (runtime !== undefined) return `it is for another runtime: ${wanted} is of ${runtime}`;
  }
  return undefined;
}

/**
 * Something that could not be tried because it is not for Node: it neither fails nor passes.
 *
 * @param what it is, as a person names it
 * @param need as `foreignNeed` tells it
 */
export const notForHere = (what: string, need: string, step?: string): Finding => ({
  code: 'other-runtime',
  ...(step === undefined ? {} : { step }),
  message: `${what} cannot be tried in Node.js: ${need}`,
  hint: 'try it by a command in the runtime that it is for',
});
