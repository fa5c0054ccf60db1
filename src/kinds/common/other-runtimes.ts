/** Modules of another runtime, or of the program that a package extends; they can be neither declared nor installed. */
import type { Finding } from '../../core/finding.ts';

/** By specifier, as in an import. */
const RUNTIMES: readonly { readonly name: string; readonly specifiers: RegExp }[] = [
  { name: 'Bun', specifiers: /^(?:bun(?::|$)|bun-types$)/ },
  { name: 'Deno', specifiers: /^(?:deno(?::|$)|npm:|jsr:)/ },
  {
    name: 'Cloudflare Workers',
    specifiers: /^(?:(?:cloudflare|workerd):|@cloudflare\/workers-types(?:\/|$))/,
  },
  { name: 'Fastly Compute', specifiers: /^fastly:/ },
  { name: 'Electron', specifiers: /^electron(?:\/|$)/ },
  {
    name: 'React Native',
    specifiers: /^(?:(?:react-native|expo|expo-modules-core)(?:\/|$)|@react-native\/)/,
  },
  { name: 'Visual Studio Code', specifiers: /^vscode$/ },
  // Modules that exist only while these build an application.
  { name: 'Vite', specifiers: /^(?:virtual:|@vite\/(?:client|env)$)/ },
  { name: 'Astro', specifiers: /^astro:/ },
  { name: 'SvelteKit', specifiers: /^\$(?:app|env)(?:\/|$)/ },
];

/** Types that another runtime declares for everybody in it: a name that TypeScript does not find is no typing mistake. */
const GLOBAL_TYPES =
  /^(?:Bun|Deno|D1[A-Z]\w*|KVNamespace\w*|R2[A-Z]\w*|DurableObject\w*|SqlStorage\w*|ExecutionContext|ExportedHandler\w*|Hyperdrive|Vectorize\w*|WebSocketPair|HTMLRewriter|Electron|chrome)$/;

/** @param name of a type, as TypeScript misses it: `D1Database` */
export const isTypeOfOtherRuntime = (name: string): boolean => GLOBAL_TYPES.test(name);

/** A relative path that leaves its folder. */
const LEADS_AWAY = /(?:^|\/)\.\.?(?:\/|$)/;

/**
 * @param specifier as in an import; its scheme alone (`bun:`) where no more is known
 * @returns whose module it is; undefined if no runtime known here has it
 */
export const otherRuntime = (specifier: string): string | undefined =>
  LEADS_AWAY.test(specifier)
    ? undefined
    : RUNTIMES.find(({ specifiers }) => specifiers.test(specifier))?.name;

const REFERENCE_ERROR = 'ReferenceError: ';
/** Globals of browsers and other runtimes: code that needs one is not meant for plain Node. */
const GLOBAL =
  /^ReferenceError: (?:window|document|self|navigator|location|HTMLElement|Element|Node|customElements|CSSStyleSheet|localStorage|sessionStorage|indexedDB|importScripts|WorkerGlobalScope|XMLHttpRequest|Image|Bun|Deno|caches|chrome|browser|WebSocketPair|HTMLRewriter|EdgeRuntime) is not defined$/;

/** Test runners' globals are also names of ordinary functions that a program may have forgotten to import. */
const TEST_GLOBAL = /^ReferenceError: (?:describe|it|test|expect|beforeEach|afterEach|jest) is not defined$/;
const FOR_TEST_RUNNERS = /(?:^|[@/._-])(?:jest|vitest|mocha|jasmine|chai|cypress|playwright)(?:[/._-]|$)/;
const TEST_FILE = /(?:^|\/)__tests__\/|\.(?:test|spec)\.[cm]?[jt]sx?$/;

/** Node's messages, up to the end of the line: a program's own may look similar. */
const NOT_FOUND =
  /^Error(?: \[ERR_MODULE_NOT_FOUND\])?: Cannot find (?:package|module) '(?<wanted>[^']+)'(?: imported from .+)?$/;
const UNKNOWN_SCHEME =
  /^Error(?: \[ERR_UNSUPPORTED_ESM_URL_SCHEME\])?: Only URLs with a scheme in: .* Received protocol '(?<wanted>[^']+)'$/;

const SAYING: readonly { readonly said: RegExp; readonly codes: readonly string[] }[] = [
  { said: NOT_FOUND, codes: ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'] },
  { said: UNKNOWN_SCHEME, codes: ['ERR_UNSUPPORTED_ESM_URL_SCHEME'] },
];

/** What else is known about an error, and about what threw it. */
export interface ErrorContext {
  /** Its code, null if it has none; undefined if that is not known. */
  readonly code?: string | null;
  /** The names of the package that was loaded, and of the file. */
  readonly package?: string;
  readonly file?: string;
}

/**
 * @param error of Node, as displayed: `ReferenceError: window is not defined`
 * @returns what is missing that another runtime has, as a sentence; undefined unless that is certainly the cause
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
    if (runtime !== undefined) return `it is for another runtime: ${wanted} belongs to ${runtime}`;
  }
  return undefined;
}

/**
 * Reports something that could not be tried because it is not for Node: it neither fails nor passes.
 *
 * @param what the subject, as users call it
 * @param need the result of `foreignNeed`
 */
export const notForHere = (what: string, need: string, step?: string): Finding => ({
  code: 'other-runtime',
  ...(step === undefined ? {} : { step }),
  message: `${what} cannot be tried in Node.js: ${need}`,
  hint: 'try it with a command in the runtime it is made for',
});
