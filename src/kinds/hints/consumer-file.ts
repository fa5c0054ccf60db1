/** A file that imports all that a package offers, one import on each line, and what checkers say of it. Pure. */
import { type Objection, objectionOfMypy } from './objection.ts';
import type { NamesOfModule } from './protocol.ts';

export const CONSUMER = 'consumer.py';

/** What one line imports. */
export interface Imported {
  readonly module: string;
  /** Null: the module itself. */
  readonly name: string | null;
  /** From a private module, by a package that does not say what it offers. */
  readonly isLifted: boolean;
}

/** @returns by line */
export function importsOf(found: readonly NamesOfModule[]): Imported[] {
  return found.flatMap((each): Imported[] => {
    if ('error' in each) return [];
    const { module, names, lifted } = each;
    return [
      { module, name: null, isLifted: false },
      ...names.map((name) => ({ module, name, isLifted: false })),
      ...lifted.map((name) => ({ module, name, isLifted: true })),
    ];
  });
}

export const consumerFile = (imports: readonly Imported[]): string =>
  imports
    .map(({ module, name }, line) =>
      name === null ? `import ${module}\n` : `from ${module} import ${name} as _${line}\n`,
    )
    .join('');

export const objectionsOfMypy = (lines: readonly string[]): Objection[] =>
  lines.flatMap((line) => objectionOfMypy(line) ?? []);

interface Diagnostic {
  readonly file?: unknown;
  readonly severity?: unknown;
  readonly message?: unknown;
  readonly rule?: unknown;
  readonly range?: { readonly start?: { readonly line?: unknown } };
}

/** @param text what `pyright --outputjson` has printed; @returns undefined if that is something else */
export function objectionsOfPyright(text: string): Objection[] | undefined {
  try {
    const { generalDiagnostics } = JSON.parse(text) as { generalDiagnostics?: unknown };
    if (!Array.isArray(generalDiagnostics)) return undefined;
    return (generalDiagnostics as Diagnostic[]).flatMap(({ file, severity, message, rule, range }) =>
      severity === 'error'
        ? [
            {
              file: String(file),
              line: Number(range?.start?.line) + 1,
              text: String(message),
              rule: String(rule),
            },
          ]
        : [],
    );
  } catch {
    return undefined;
  }
}
