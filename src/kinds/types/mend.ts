/** The lines that mend declarations which TypeScript does not find, or takes for those of the other module format. Pure. */
import { posix } from 'node:path';
import type { TypedPackage } from '../../consumer/typed-package.ts';
import type { Finding, Mend } from '../../core/finding.ts';

type Entry = TypedPackage['entries'][number];

const DECLARATIONS: Readonly<Record<string, string>> = { '.js': '.d.ts', '.mjs': '.d.mts', '.cjs': '.d.cts' };

/** `dist/index.d.mts` beside `dist/index.mjs`, where TypeScript looks first. */
const declarationsBeside = (file: string): string => {
  const extension = posix.extname(file);
  return `${file.slice(0, file.length - extension.length)}${DECLARATIONS[extension] ?? '.d.ts'}`;
};

const inQuotes = (path: string): string => JSON.stringify(`./${path}`);
const fileOf = ({ loads }: Entry, form: 'import' | 'require'): string | undefined =>
  loads.find((load) => load.form === form)?.file;

/** `"types"` comes first: conditions are tried in order, and `default` fits always. */
const conditions = (types: string, file: string): string =>
  `{ "types": ${inQuotes(types)}, "default": ${inQuotes(file)} }`;

/**
 * @param types the file of declarations that there is, if it is to serve for all forms
 * @returns the entry point as `exports` should have it
 */
function inExports(entry: Entry, types: string | null): Mend | undefined {
  const [imported, required] = [fileOf(entry, 'import'), fileOf(entry, 'require')];
  const key = JSON.stringify(entry.subpath);
  const [file] = [imported ?? required];
  if (file === undefined) return undefined;
  if (imported === undefined || required === undefined || imported === required)
    return {
      file: 'package.json',
      lines: [`"exports": { ${key}: ${conditions(types ?? declarationsBeside(file), file)} }`],
    };
  return {
    file: 'package.json',
    lines: [
      `"exports": { ${key}: {`,
      `  "import": ${conditions(declarationsBeside(imported), imported)},`,
      `  "require": ${conditions(declarationsBeside(required), required)}`,
      '} }',
    ],
  };
}

/** What makes Node see names that it finds by no scan of the source; it is never run. */
const forScan = (file: string, names: readonly string[]): Mend => ({
  file,
  lines: [`0 && (module.exports = { ${names.join(', ')} });`],
});

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

function mendOf(finding: Finding, typed: TypedPackage): Mend | undefined {
  if (!('specifier' in finding) || !('exports' in finding)) return undefined;
  const entry = typed.entries.find(({ specifier }) => specifier === finding.specifier);
  if (entry === undefined) return undefined;
  const names = finding.exports.map(({ name }) => name);
  switch (finding.code) {
    case 'unresolved-types':
      return inExports(entry, typed.declarations);
    case 'module-format':
      // One file has one format: then its declarations are named after it.
      return inExports(entry, null);
    case 'unimportable-export': {
      const file = fileOf(entry, 'import');
      return file === undefined || !names.every((name) => IDENTIFIER.test(name))
        ? undefined
        : forScan(file, names);
    }
    default:
      return undefined;
  }
}

/** Those of a package that others describe are not for it to mend. */
export function withMends(findings: readonly Finding[], typed: TypedPackage): Finding[] {
  return findings.map((finding) => {
    const mend = typed.name === typed.loaded.name ? mendOf(finding, typed) : undefined;
    return mend === undefined ? finding : { ...finding, mend };
  });
}
