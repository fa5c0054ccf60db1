/** A module that takes the place of another: it has the same exports, as importers are to see them. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse as parseCommonJs } from 'cjs-module-lexer';
import { parse } from 'es-module-lexer/js';

/** The key by which code in a facade finds the stand-ins for its exports. */
export const PORTAL = 'shakedown.faults';

export type Format = 'module' | 'commonjs';

/** What the facade of a module knows about an export. */
interface Exported {
  readonly name: string;
  /** Whether its value may change later. */
  readonly isVariable: boolean;
}

/** @param file an absolute path */
export function formatOf(file: string): Format {
  const extension = extname(file);
  if (/^\.m[jt]s$/.test(extension)) return 'module';
  if (/^\.(?:c[jt]s|node)$/.test(extension)) return 'commonjs';
  const type = typeOfPackage(dirname(file));
  return type ?? (hasModuleSyntax(file) ? 'module' : 'commonjs');
}

function typeOfPackage(folder: string): Format | undefined {
  try {
    const { type } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { type?: unknown };
    return type === 'module' ? 'module' : type === 'commonjs' ? 'commonjs' : undefined;
  } catch {
    return dirname(folder) === folder ? undefined : typeOfPackage(dirname(folder));
  }
}

function hasModuleSyntax(file: string): boolean {
  try {
    return parse(readFileSync(file, 'utf8'))[3];
  } catch {
    return false;
  }
}

/** A re-export of all names of another module. */
const STAR = /^export\s*\*\s*from/;

function exportsOf(url: string, seen: Set<string>): { exported: Exported[]; stars: string[] } {
  const file = fileURLToPath(url);
  if (seen.has(file)) return { exported: [], stars: [] };
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  if (formatOf(file) === 'commonjs')
    return {
      exported: commonJsNames(file, source, new Set()).map((name) => ({ name, isVariable: true })),
      stars: [],
    };
  const [imports, names] = parse(source);
  const exported = names.map(({ n, ln }) => ({ name: n, isVariable: mayVary(source, ln) }));
  const stars: string[] = [];
  for (const { n, ss, se } of imports) {
    if (n === undefined || !STAR.test(source.slice(ss, se))) continue;
    if (!n.startsWith('.')) stars.push(n);
    else {
      const further = exportsOf(new URL(n, url).href, seen);
      exported.push(...further.exported.filter(({ name }) => name !== 'default'));
      stars.push(...further.stars);
    }
  }
  return { exported, stars };
}

/** Whether an export is a variable rather than a constant, a function or a class. */
const mayVary = (source: string, local: string | undefined): boolean =>
  local === undefined ||
  !new RegExp(`\\b(?:const|function\\*?|class)\\s+${local.replaceAll('$', '\\$')}\\b`).test(source);

function commonJsNames(file: string, source: string, seen: Set<string>): string[] {
  if (seen.has(file) || extname(file) === '.node') return [];
  seen.add(file);
  const { exports, reexports } = parseCommonJs(source, file);
  const further = reexports.flatMap((name) => {
    try {
      const next = createRequire(file).resolve(name);
      return /\.c?js$/.test(next) ? commonJsNames(next, readFileSync(next, 'utf8'), seen) : [];
    } catch {
      return [];
    }
  });
  return [...exports, ...further];
}

/**
 * The source of the facade.
 *
 * @param real the URL of the module that it stands for
 * @param module its name for importers
 * @throws when its exports cannot be read from its source
 */
export function facadeOf(real: string, module: string): string {
  const { exported, stars } = exportsOf(real, new Set());
  const isCommonJs = formatOf(fileURLToPath(real)) === 'commonjs';
  const names = new Map(exported.map((each) => [each.name, each]));
  if (isCommonJs) names.set('default', { name: 'default', isVariable: false });
  const all = [...names.values()];
  const lines = all.map(({ name }, index) => `let $${index} = $see(${JSON.stringify(name)});`);
  const again = all.flatMap(({ name, isVariable }, index) =>
    isVariable ? `() => { $${index} = $see(${JSON.stringify(name)}); }` : [],
  );
  return [
    `import * as $real from ${JSON.stringify(real)};`,
    `const $see = globalThis[Symbol.for(${JSON.stringify(PORTAL)})]($real, ${JSON.stringify(module)}, ${isCommonJs});`,
    ...lines,
    `$see.settle([${again.join(', ')}]);`,
    `export { ${all.map(({ name }, index) => `$${index} as ${JSON.stringify(name)}`).join(', ')} };`,
    ...stars.map((name) => `export * from ${JSON.stringify(name)};`),
  ].join('\n');
}
