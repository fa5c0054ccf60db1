/** Modules that another runtime, or the program that a package is for, brings along: nobody can declare or install them. */
import type { Finding } from '../domain/finding.ts';

/** By the whole specifier, as an import writes it. */
const RUNTIMES: readonly { readonly name: string; readonly specifiers: RegExp }[] = [
  { name: 'Bun', specifiers: /^bun(?::|$)/ },
  { name: 'Deno', specifiers: /^(?:deno(?::|$)|npm:|jsr:)/ },
  { name: 'Cloudflare Workers', specifiers: /^(?:cloudflare|workerd):/ },
  { name: 'Fastly Compute', specifiers: /^fastly:/ },
  { name: 'Electron', specifiers: /^electron(?:\/|$)/ },
  { name: 'Visual Studio Code', specifiers: /^vscode$/ },
];

/**
 * @param specifier as an import writes it; its scheme alone (`bun:`) where no more is known
 * @returns whose module it is; undefined: that of none that is known here
 */
export const otherRuntime = (specifier: string): string | undefined =>
  RUNTIMES.find(({ specifiers }) => specifiers.test(specifier))?.name;

const REFERENCE_ERROR = 'ReferenceError: ';
/** Globals of browsers, of other runtimes and of test runners: what needs one is not meant for Node by itself. */
const GLOBAL =
  /^ReferenceError: (?:window|document|self|navigator|location|HTMLElement|Element|Node|customElements|CSSStyleSheet|localStorage|sessionStorage|indexedDB|importScripts|WorkerGlobalScope|XMLHttpRequest|Image|Bun|Deno|caches|chrome|browser|WebSocketPair|HTMLRewriter|EdgeRuntime|describe|it|test|expect|beforeEach|afterEach|jest) is not defined$/;

const WANTED =
  /\bCannot find (?:package|module) '(?<specifier>[^']+)'|\bReceived protocol '(?<scheme>[^']+)'/;

/**
 * @param error of Node, as it shows it: `ReferenceError: window is not defined`
 * @returns what it lacks that another runtime has, as a sentence; undefined where that is not what is wrong
 */
export function foreignNeed(error: string): string | undefined {
  const line = error.split('\n')[0] ?? '';
  if (GLOBAL.test(line)) return line.slice(REFERENCE_ERROR.length);
  const { specifier, scheme } = WANTED.exec(line)?.groups ?? {};
  const wanted = specifier ?? scheme ?? '';
  const runtime = otherRuntime(wanted);
  return runtime === undefined ? undefined : `it is for another runtime: ${wanted} is of ${runtime}`;
}

/**
 * What could not be tried since it is not for Node: nothing is known of it, so it neither fails nor passes.
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
