/**
 * Lists the values that the declarations of a package promise. It uses the API of a separately installed TypeScript, as
 * TypeScript 7 has none. That version is pinned because a few internal functions are needed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Declared, DeclaredExport, DeclaredJob, DeclaredResult } from '../protocol.ts';

/** The parts of TypeScript 5.9 used here; its own declarations are not available at compile time. */
interface TsSymbol {
  readonly escapedName: string;
  readonly flags: number;
  readonly declarations?: readonly TsNode[];
  readonly exports?: ReadonlyMap<string, TsSymbol>;
  readonly constEnumOnlyModule?: boolean;
}
interface TsNode {
  readonly body?: unknown;
  getSourceFile(): TsSourceFile;
  getStart(): number;
}
interface TsSourceFile extends TsNode {
  readonly fileName: string;
  readonly impliedNodeFormat?: number;
  readonly imports: readonly TsNode[];
  getLineAndCharacterOfPosition(position: number): { readonly line: number };
}
interface TsType {
  readonly flags: number;
  readonly types?: readonly TsType[];
  getCallSignatures(): readonly unknown[];
  getConstructSignatures(): readonly unknown[];
}
interface Checker {
  getSymbolAtLocation(node: TsNode): TsSymbol | undefined;
  getAliasedSymbol(symbol: TsSymbol): TsSymbol;
  getTypeOfSymbol(symbol: TsSymbol): TsType;
  getExportsAndPropertiesOfModule(symbol: TsSymbol): readonly TsSymbol[];
  getTypeOnlyAliasDeclaration(symbol: TsSymbol): TsNode | undefined;
  isUnknownSymbol(symbol: TsSymbol): boolean;
}
interface Program {
  getSourceFile(path: string): TsSourceFile | undefined;
  getTypeChecker(): Checker;
  getResolvedModuleFromModuleSpecifier(
    node: TsNode,
  ):
    | { readonly resolvedModule?: { readonly resolvedFileName: string; readonly extension: string } }
    | undefined;
}
interface TypeScript {
  readonly SymbolFlags: Readonly<
    Record<'Value' | 'Alias' | 'ConstEnum' | 'ValueModule' | 'Optional', number>
  >;
  readonly TypeFlags: Readonly<Record<'Undefined' | 'Void' | 'Never' | 'UniqueESSymbol', number>>;
  readonly ModuleKind: Readonly<Record<'Node16' | 'ESNext' | 'CommonJS', number>>;
  readonly ModuleResolutionKind: Readonly<Record<'Node16' | 'Bundler', number>>;
  readonly ScriptTarget: Readonly<Record<'ES2022', number>>;
  createProgram(files: readonly string[], options: object): Program;
  unescapeLeadingUnderscores(name: string): string;
}

const NONE: Declared = { type: 'none' };
const DECLARATIONS = /\.[cm]?tsx?$/;

class Reader {
  readonly #ts: TypeScript;
  readonly #program: Program;
  readonly #checker: Checker;

  constructor(ts: TypeScript, files: readonly string[], options: object) {
    this.#ts = ts;
    this.#program = ts.createProgram(files, {
      noEmit: true,
      strict: true,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.esnext.d.ts'],
      types: [],
      resolveJsonModule: true,
      ...options,
    });
    this.#checker = this.#program.getTypeChecker();
  }

  /** The declarations that each import of a file resolves to, in order. */
  read(file: string): Declared[] {
    return (this.#program.getSourceFile(file)?.imports ?? []).map((specifier) => this.#declared(specifier));
  }

  #declared(specifier: TsNode): Declared {
    const { resolvedModule } = this.#program.getResolvedModuleFromModuleSpecifier(specifier) ?? {};
    const symbol = this.#checker.getSymbolAtLocation(specifier);
    if (symbol === undefined) {
      const file = resolvedModule?.resolvedFileName;
      return file !== undefined && DECLARATIONS.test(file) ? { type: 'silent', file } : NONE;
    }
    const [declaration] = symbol.declarations ?? [];
    if (declaration === undefined) return NONE;
    const source = declaration.getSourceFile();
    const file = source.fileName;
    const isShorthand = declaration !== source && declaration.body === undefined;
    if (file.endsWith('.json') || isShorthand) return { type: 'silent', file };
    const whole = symbol.exports?.get('export=');
    return {
      type: 'declared',
      file,
      format: source.impliedNodeFormat === this.#ts.ModuleKind.CommonJS ? 'commonjs' : 'module',
      whole: whole === undefined ? null : this.#value(whole, file),
      exports: this.#checker
        .getExportsAndPropertiesOfModule(symbol)
        .flatMap((each) => this.#value(each, file) ?? []),
    };
  }

  /** null for types and everything else that does not exist at run time. */
  #value(symbol: TsSymbol, file: string): DeclaredExport | null {
    const { SymbolFlags } = this.#ts;
    const name = this.#ts.unescapeLeadingUnderscores(symbol.escapedName);
    if (name.startsWith('__@') || name === 'prototype') return null;
    const target = this.#targetOf(symbol);
    if (target === undefined || this.#checker.isUnknownSymbol(target)) return null;
    const value = target.flags & SymbolFlags.Value;
    if (value === 0) return null;
    // Const enums exist at compile time only, and so does a namespace of nothing else.
    if (value === SymbolFlags.ConstEnum) return null;
    if (value === SymbolFlags.ValueModule && target.constEnumOnlyModule === true) return null;
    const type = this.#checker.getTypeOfSymbol(target);
    const declaration = target.declarations?.[0] ?? symbol.declarations?.[0];
    const source = declaration?.getSourceFile();
    return {
      name,
      isCallable: type.getCallSignatures().length + type.getConstructSignatures().length > 0,
      isOptional: (target.flags & SymbolFlags.Optional) !== 0 || this.#mayBeUndefined(type),
      file: source?.fileName ?? file,
      line:
        declaration === undefined || source === undefined
          ? 1
          : source.getLineAndCharacterOfPosition(declaration.getStart()).line + 1,
    };
  }

  /**
   * What a name stands for as a value, if it is not for types alone. The checker goes no further than to a type of that name, which may be
   * an alias of something else at the same time: `export * as Kind from './kinds.js'; export type Kind = …`.
   */
  #targetOf(symbol: TsSymbol): TsSymbol | undefined {
    const { Alias, Value } = this.#ts.SymbolFlags;
    const seen = new Set<TsSymbol>();
    let target = symbol;
    while ((target.flags & Alias) !== 0 && (target.flags & Value) === 0 && !seen.has(target)) {
      if (this.#checker.getTypeOnlyAliasDeclaration(target) !== undefined) return undefined;
      seen.add(target);
      target = this.#checker.getAliasedSymbol(target);
    }
    return target;
  }

  #mayBeUndefined(type: TsType): boolean {
    // A unique symbol is usually a brand, which exists only in types.
    const { Undefined, Void, Never, UniqueESSymbol } = this.#ts.TypeFlags;
    return [type, ...(type.types ?? [])].some(
      ({ flags }) => (flags & (Undefined | Void | Never | UniqueESSymbol)) !== 0,
    );
  }
}

const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as DeclaredJob;
const ts = createRequire(import.meta.url)(job.typescript) as TypeScript;
const text = job.specifiers.map((specifier) => `import ${JSON.stringify(specifier)};\n`).join('');
const [esm, cjs] = ['mts', 'cts'].map((extension) =>
  join(job.folder, `declared-${process.pid}.${extension}`),
);
if (esm === undefined || cjs === undefined) throw new Error('there are two files');
writeFileSync(esm, text);
writeFileSync(cjs, text);
const { ModuleKind, ModuleResolutionKind } = ts;
const node = new Reader(ts, [esm, cjs], {
  module: ModuleKind.Node16,
  moduleResolution: ModuleResolutionKind.Node16,
});
const bundler = new Reader(ts, [esm], {
  module: ModuleKind.ESNext,
  moduleResolution: ModuleResolutionKind.Bundler,
});
const forms = { import: node.read(esm), require: node.read(cjs), bundler: bundler.read(esm) };
const result: DeclaredResult = job.specifiers.map((_, index) => ({
  import: forms.import[index] ?? NONE,
  require: forms.require[index] ?? NONE,
  bundler: forms.bundler[index] ?? NONE,
}));
writeFileSync(job.result, JSON.stringify(result));
