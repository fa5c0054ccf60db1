/** Modules that another runtime, or the program that a package is for, brings along: nobody can declare or install them. */

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
