/** What can happen to a declaration in TypeScript, as edits of the files that declare it. */
import type { DeclarationUse, Edit } from '../protocol.ts';
import type { TsChecker, TsNode, TsSignature, TsSourceFile, TsSymbol, TypeScript } from './typescript-api.ts';
import type { Use } from './uses.ts';

/** A type that nothing else is assignable to, and that is assignable to nothing else. */
const OTHER_TYPE = '{ readonly "changed by shakedown": symbol }';
const GONE = 'removedByShakedown';

const replace = (node: TsNode, text: string): Edit => ({
  file: node.getSourceFile().fileName,
  start: node.getStart(),
  end: node.end,
  text,
});

const insert = (source: TsSourceFile, at: number, text: string): Edit => ({
  ...{ file: source.fileName, start: at, end: at, text },
});

/** Comes before every other edit, so that the file itself is not checked. */
export const muted = (source: TsSourceFile): Edit[] => [insert(source, 0, '// @ts-nocheck\n')];

export class Changer {
  readonly #ts: TypeScript;
  readonly #checker: TsChecker;
  readonly #isTarget: (file: TsSourceFile) => boolean;

  constructor(ts: TypeScript, checker: TsChecker, isTarget: (file: TsSourceFile) => boolean) {
    this.#ts = ts;
    this.#checker = checker;
    this.#isTarget = isTarget;
  }

  changesOf(use: Use): DeclarationUse['changes'] {
    const found = {
      removed: [...use.exported].flatMap((symbol) => this.#removed(symbol)),
      'wrong-return-type': this.#each(use, (symbol) => this.#wrongReturnType(symbol)),
      'wrong-type': this.#each(use, (symbol) => this.#valueType(symbol, OTHER_TYPE)),
      'loses-parameter':
        use.mostArguments === 0
          ? []
          : this.#each(use, (symbol) => this.#losesParameter(symbol, use.mostArguments)),
      'loses-types': this.#each(use, (symbol) => this.#losesTypes(symbol)),
    };
    return Object.fromEntries(Object.entries(found).filter(([, edits]) => edits.length > 0));
  }

  #each({ symbols }: Use, change: (symbol: TsSymbol) => Edit[]): Edit[] {
    return [...symbols].flatMap(change);
  }

  #declarations(symbol: TsSymbol): TsNode[] {
    return (symbol.declarations ?? []).filter((each) => this.#isTarget(each.getSourceFile()));
  }

  /** The signatures by which it is called, or constructed. */
  #signatures(symbol: TsSymbol): TsSignature[] {
    if ((symbol.flags & this.#ts.SymbolFlags.Value) === 0) return [];
    const type = this.#checker.getTypeOfSymbol(symbol);
    const isClass = (symbol.flags & this.#ts.SymbolFlags.Class) !== 0;
    const all = isClass ? type.getConstructSignatures() : type.getCallSignatures();
    return all.filter(({ declaration }) => declaration !== undefined && this.#isOurs(declaration));
  }

  #isOurs(declaration: TsNode): boolean {
    return declaration.parameters !== undefined && this.#isTarget(declaration.getSourceFile());
  }

  #wrongReturnType(symbol: TsSymbol): Edit[] {
    if ((symbol.flags & this.#ts.SymbolFlags.Class) !== 0) return [];
    const { Void, Never, Undefined } = this.#ts.TypeFlags;
    const signatures = this.#signatures(symbol);
    const hasResult = signatures.some(
      (signature) => (signature.getReturnType().flags & (Void | Never | Undefined)) === 0,
    );
    if (!hasResult) return [];
    return signatures.flatMap(({ declaration }) =>
      declaration === undefined ? [] : this.#returns(declaration, OTHER_TYPE),
    );
  }

  #returns(declaration: TsNode, type: string): Edit[] {
    if (declaration.type !== undefined) return [replace(declaration.type, type)];
    const { SyntaxKind } = this.#ts;
    if (declaration.kind === SyntaxKind.Constructor) return [];
    const close = declaration.getChildren().find(({ kind }) => kind === SyntaxKind.CloseParenToken);
    return close === undefined ? [] : [insert(declaration.getSourceFile(), close.end, `: ${type}`)];
  }

  /** Drops the last parameter that callers use and all after it, so that those calls are errors. */
  #losesParameter(symbol: TsSymbol, given: number): Edit[] {
    const lists = this.#signatures(symbol).map(({ declaration }) => ({
      declaration,
      own: (declaration?.parameters ?? []).filter(({ name }) => name?.text !== 'this'),
    }));
    const longest = Math.max(0, ...lists.map(({ own }) => own.length));
    const index = Math.min(given, longest) - 1;
    return lists.flatMap(({ declaration, own }): Edit[] => {
      const first = own[index];
      const last = own.at(-1);
      if (declaration === undefined || first === undefined || last === undefined) return [];
      const start = own[index - 1]?.end ?? first.getStart();
      return [{ file: declaration.getSourceFile().fileName, start, end: last.end, text: '' }];
    });
  }

  #losesTypes(symbol: TsSymbol): Edit[] {
    const { SyntaxKind, SymbolFlags } = this.#ts;
    if ((symbol.flags & SymbolFlags.Class) !== 0)
      return this.#declarations(symbol)
        .filter(({ kind }) => kind === SyntaxKind.ClassDeclaration)
        .flatMap((declaration) => this.#anyClass(declaration));
    const signatures = this.#signatures(symbol);
    if (signatures.length === 0) return this.#valueType(symbol, 'any');
    return signatures.flatMap(({ declaration }) =>
      declaration === undefined ? [] : this.#anySignature(declaration),
    );
  }

  #anySignature(declaration: TsNode): Edit[] {
    const parameters = (declaration.parameters ?? []).flatMap((parameter): Edit[] => {
      const any = parameter.dotDotDotToken === undefined ? 'any' : 'any[]';
      if (parameter.type !== undefined) return [replace(parameter.type, any)];
      if (parameter.name === undefined) return [];
      const at = parameter.questionToken?.end ?? parameter.name.end;
      // Without parentheses there is nowhere to put a type.
      const isBare = !declaration.getText().includes('(');
      return isBare ? [] : [insert(declaration.getSourceFile(), at, `: ${any}`)];
    });
    return [...parameters, ...this.#returns(declaration, 'any')];
  }

  #anyClass(declaration: TsNode): Edit[] {
    const name = declaration.name?.text;
    if (name === undefined) return [];
    const { SyntaxKind } = this.#ts;
    const has = (kind: number | undefined): boolean =>
      declaration.modifiers?.some((modifier) => modifier.kind === kind) === true;
    const isDefault = has(SyntaxKind.DefaultKeyword);
    const exported = has(SyntaxKind.ExportKeyword) && !isDefault ? 'export ' : '';
    const given = (declaration.typeParameters ?? []).map((_, index) => `T${index} = any`);
    const parameters = given.length === 0 ? '' : `<${given.join(', ')}>`;
    const text = `${exported}declare const ${name}: any; ${exported}type ${name}${parameters} = any;`;
    return [replace(declaration, isDefault ? `${text} export default ${name};` : text)];
  }

  /** Of a variable, a property or an accessor. */
  #valueType(symbol: TsSymbol, type: string): Edit[] {
    if (this.#signatures(symbol).length > 0) return [];
    const { SyntaxKind } = this.#ts;
    const { VariableDeclaration, PropertyDeclaration, PropertySignature, GetAccessor } = SyntaxKind;
    return this.#declarations(symbol).flatMap((declaration): Edit[] => {
      const { kind, name } = declaration;
      if (kind === GetAccessor) return this.#returns(declaration, type);
      if (![VariableDeclaration, PropertyDeclaration, PropertySignature].includes(kind)) return [];
      if (declaration.type !== undefined) return [replace(declaration.type, type)];
      if (name === undefined || name.kind !== SyntaxKind.Identifier) return [];
      return [insert(declaration.getSourceFile(), declaration.questionToken?.end ?? name.end, `: ${type}`)];
    });
  }

  #removed(symbol: TsSymbol): Edit[] {
    return this.#declarations(symbol).flatMap((declaration) => this.#unexport(declaration, symbol));
  }

  #unexport(declaration: TsNode, symbol: TsSymbol): Edit[] {
    const { SyntaxKind } = this.#ts;
    const { kind, name } = declaration;
    const source = declaration.getSourceFile();
    if (kind === SyntaxKind.ExportAssignment) return [replace(declaration, 'export {};')];
    if (kind === SyntaxKind.ExportSpecifier && name !== undefined)
      return declaration.propertyName === undefined
        ? [insert(source, name.end, ` as ${GONE}_${name.text}`)]
        : [replace(name, `${GONE}_${name.text}`)];
    const byDefault = declaration.modifiers?.find((each) => each.kind === SyntaxKind.DefaultKeyword);
    if (byDefault !== undefined) return name === undefined ? [] : [replace(byDefault, '')];
    if (name === undefined || name.kind !== SyntaxKind.Identifier) return [];
    return this.#renamed(source, name.text ?? '', symbol);
  }

  /** References in its own file still find it, so that nothing else changes. */
  #renamed(source: TsSourceFile, name: string, symbol: TsSymbol): Edit[] {
    const edits: Edit[] = [];
    const visit = (node: TsNode): void => {
      if (node.kind === this.#ts.SyntaxKind.Identifier && node.text === name) {
        // The members of a generic class are separate symbols for each type argument.
        const [declaration] = this.#checker.getSymbolAtLocation(node)?.declarations ?? [];
        if (declaration !== undefined && declaration === symbol.declarations?.[0])
          edits.push(replace(node, `${GONE}_${name}`));
      }
      this.#ts.forEachChild(node, visit);
    };
    visit(source);
    return edits;
  }
}
