/** Finds the declarations of others that samples use. */
import type { SurveyedFile } from '../protocol.ts';
import type { TsChecker, TsNode, TsProgram, TsSourceFile, TsSymbol, TypeScript } from './typescript-api.ts';

/** A declaration that samples use; its twins in several files count as one. */
export interface Use {
  readonly subject: string;
  /** What makes it visible to importers; for a member, the member itself. */
  readonly exported: Set<TsSymbol>;
  readonly symbols: Set<TsSymbol>;
  /** The most arguments that it is called with. */
  mostArguments: number;
  isMisused: boolean;
}

export interface Uses {
  readonly all: ReadonlyMap<string, Use>;
  /** Names of exports of these modules that no sample uses. */
  readonly unused: readonly string[];
}

const REFUSED = /^\s*(?:\/\/|\/\*).*@ts-expect-error/;

/** The lines, from 0, that must be refused: each is below a comment that says so. */
const refusedLines = (text: string): ReadonlySet<number> =>
  new Set(text.split('\n').flatMap((line, index) => (REFUSED.test(line) ? [index + 1] : [])));

type IsTarget = (file: TsSourceFile) => boolean;

export class UseFinder {
  readonly #ts: TypeScript;
  readonly #checker: TsChecker;
  readonly #program: TsProgram;
  readonly #isTarget: IsTarget;
  readonly #uses = new Map<string, Use>();
  readonly #modules = new Set<TsSymbol>();
  #refused: ReadonlySet<number> = new Set();

  /** @param isTarget whether what a file declares is under test */
  constructor(ts: TypeScript, program: TsProgram, isTarget: IsTarget) {
    this.#ts = ts;
    this.#program = program;
    this.#checker = program.getTypeChecker();
    this.#isTarget = isTarget;
  }

  find(files: readonly SurveyedFile[]): Uses {
    for (const { path, isNegative } of files) {
      const source = this.#program.getSourceFile(path);
      if (source === undefined) continue;
      this.#refused = refusedLines(source.text);
      this.#visit(source, isNegative);
    }
    return { all: this.#uses, unused: this.#unused() };
  }

  #visit(node: TsNode, isNegative: boolean): void {
    const { SyntaxKind } = this.#ts;
    if (node.kind === SyntaxKind.Identifier) this.#use(node, isNegative);
    if (node.moduleSpecifier !== undefined) this.#import(node.moduleSpecifier);
    this.#ts.forEachChild(node, (child) => this.#visit(child, isNegative));
  }

  #import(specifier: TsNode): void {
    const module = this.#checker.getSymbolAtLocation(specifier);
    const [declaration] = module?.declarations ?? [];
    if (module !== undefined && declaration !== undefined && this.#isTarget(declaration.getSourceFile()))
      this.#modules.add(module);
  }

  #isAlias({ flags }: TsSymbol): boolean {
    return (flags & this.#ts.SymbolFlags.Alias) !== 0;
  }

  #nameOf({ escapedName }: TsSymbol): string {
    return this.#ts.unescapeLeadingUnderscores(escapedName);
  }

  #use(node: TsNode, isNegative: boolean): void {
    const symbol = this.#checker.getSymbolAtLocation(node);
    if (symbol === undefined) return;
    const final = this.#isAlias(symbol) ? this.#checker.getAliasedSymbol(symbol) : symbol;
    if (this.#checker.isUnknownSymbol(final) || !this.#isDeclaredThere(final)) return;
    // A namespace is not a declaration of its own, but its members are.
    if (final.declarations?.some(({ kind }) => kind === this.#ts.SyntaxKind.SourceFile)) return;
    const exported = this.#exportedAs(node, symbol, final);
    const subject = this.#subject(exported, final);
    if (subject === undefined) return;
    const use = this.#uses.get(subject) ?? {
      ...{ subject, exported: new Set(), symbols: new Set(), mostArguments: 0, isMisused: false },
    };
    this.#uses.set(subject, use);
    use.exported.add(exported);
    use.symbols.add(final);
    use.isMisused ||= isNegative || this.#isRefused(node);
    use.mostArguments = Math.max(use.mostArguments, this.#argumentsAt(node));
  }

  /** It is on a line that must be refused. */
  #isRefused(node: TsNode): boolean {
    const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
    return this.#refused.has(line);
  }

  #isDeclaredThere(symbol: TsSymbol): boolean {
    return symbol.declarations?.some((each) => this.#isTarget(each.getSourceFile())) === true;
  }

  /** What has to be removed to make the name unknown here. */
  #exportedAs(node: TsNode, symbol: TsSymbol, final: TsSymbol): TsSymbol {
    const { SyntaxKind } = this.#ts;
    if (this.#isAlias(symbol)) return this.#importedBy(symbol) ?? final;
    const { parent } = node;
    const isMember = parent.kind === SyntaxKind.PropertyAccessExpression && parent.name === node;
    const owner =
      isMember && parent.expression !== undefined
        ? this.#checker.getSymbolAtLocation(parent.expression)
        : undefined;
    if (owner === undefined) return final;
    const module = this.#isAlias(owner) ? this.#checker.getAliasedSymbol(owner) : owner;
    if ((module.flags & this.#ts.SymbolFlags.Module) === 0) return final;
    const found = this.#checker.getExportsOfModule(module).find((each) => each.escapedName === node.text);
    return found ?? final;
  }

  /** Follows an import to the export that it names, but no further. */
  #importedBy(symbol: TsSymbol): TsSymbol | undefined {
    let at: TsSymbol | undefined = symbol;
    while (at !== undefined && this.#isAlias(at) && !this.#isDeclaredThere(at))
      at = this.#checker.getImmediateAliasedSymbol(at);
    return at;
  }

  #subject(exported: TsSymbol, final: TsSymbol): string | undefined {
    const { SyntaxKind } = this.#ts;
    const [declaration] = final.declarations ?? [];
    if (declaration === undefined) return undefined;
    const { kind, parent } = declaration;
    if (kind === SyntaxKind.Parameter || kind === SyntaxKind.TypeParameter) return undefined;
    const name = this.#nameOf(exported);
    if (parent?.members !== undefined) {
      const owner = parent.name?.text;
      return owner === undefined || kind === SyntaxKind.EnumMember ? undefined : `${owner}.${name}`;
    }
    if (name !== 'default' && name !== 'export=') return name;
    const own = this.#nameOf(final);
    return own === 'default' ? (declaration.name?.text ?? own) : own;
  }

  #argumentsAt(node: TsNode): number {
    const { SyntaxKind } = this.#ts;
    const { parent } = node;
    const callee =
      parent.kind === SyntaxKind.PropertyAccessExpression && parent.name === node ? parent : node;
    const call = callee.parent;
    const isCall = call.kind === SyntaxKind.CallExpression || call.kind === SyntaxKind.NewExpression;
    if (!isCall || call.expression !== callee) return 0;
    const given = call.arguments ?? [];
    return given.some(({ kind }) => kind === SyntaxKind.SpreadElement) ? 0 : given.length;
  }

  #unused(): string[] {
    const used = new Set([...this.#uses.values()].flatMap(({ exported }) => [...exported]));
    const names = [...this.#modules]
      .flatMap((module) => this.#checker.getExportsOfModule(module))
      .filter((symbol) => {
        const final = this.#isAlias(symbol) ? this.#checker.getAliasedSymbol(symbol) : symbol;
        return !used.has(symbol) && (final.flags & this.#ts.SymbolFlags.Value) !== 0;
      })
      .map((symbol) => this.#nameOf(symbol))
      .filter((name) => !this.#uses.has(name) && !['default', 'export=', 'prototype'].includes(name));
    return [...new Set(names)];
  }
}
