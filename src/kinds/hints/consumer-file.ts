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

/**
 * @param lines what mypy has printed
 * @param exit its exit code, as a shell writes it
 * @returns undefined if it came to no result: it crashed, or could not read the consumer and so has checked nothing
 */
export function objectionsOfMypy(lines: readonly string[], exit: string): Objection[] | undefined {
  const said = lines.flatMap((line) => objectionOfMypy(line) ?? []);
  const isCrashed = lines.some((line) => line.includes('INTERNAL ERROR'));
  // It stops at the first file that it cannot read: that may be one of the package.
  const isRead = !said.some(({ file, rule }) => file === CONSUMER && rule === 'syntax');
  const isDone =
    exit === '0' ? lines.length === 0 || said.length > 0 : /^[12]$/.test(exit) && said.length > 0;
  return isDone && isRead && !isCrashed ? said : undefined;
}

interface Diagnostic {
  readonly file?: unknown;
  readonly severity?: unknown;
  readonly message?: unknown;
  readonly rule?: unknown;
  readonly range?: { readonly start?: { readonly line?: unknown } };
}

/** @param text what `pyright --outputjson` has printed; @returns undefined if that is something else, or it has read nothing */
export function objectionsOfPyright(text: string): Objection[] | undefined {
  try {
    const { generalDiagnostics, summary } = JSON.parse(text) as {
      generalDiagnostics?: unknown;
      summary?: { filesAnalyzed?: unknown };
    };
    if (!Array.isArray(generalDiagnostics) || summary?.filesAnalyzed === 0) return undefined;
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
