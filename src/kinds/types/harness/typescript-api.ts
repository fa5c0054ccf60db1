/**
 * The parts of TypeScript 5.9 by which declarations are read and changed; its own declarations are not available at
 * compile time.
 */
export interface TsNode {
  readonly kind: number;
  readonly pos: number;
  readonly end: number;
  readonly parent: TsNode;
  readonly name?: TsNode;
  readonly propertyName?: TsNode;
  /** Of an identifier, or a literal. */
  readonly text?: string;
  readonly type?: TsNode;
  readonly initializer?: TsNode;
  readonly expression?: TsNode;
  readonly moduleSpecifier?: TsNode;
  readonly questionToken?: TsNode;
  readonly dotDotDotToken?: TsNode;
  readonly isExportEquals?: boolean;
  readonly parameters?: readonly TsNode[];
  readonly typeParameters?: readonly TsNode[];
  readonly arguments?: readonly TsNode[];
  readonly modifiers?: readonly TsNode[];
  readonly members?: readonly TsNode[];
  getStart(): number;
  getText(): string;
  getChildren(): readonly TsNode[];
  getSourceFile(): TsSourceFile;
}

export interface TsSourceFile extends TsNode {
  readonly fileName: string;
  readonly text: string;
  getLineAndCharacterOfPosition(position: number): { readonly line: number };
}

export interface TsSymbol {
  readonly escapedName: string;
  readonly flags: number;
  readonly declarations?: readonly TsNode[];
  readonly exports?: ReadonlyMap<string, TsSymbol>;
}

export interface TsType {
  readonly flags: number;
  getCallSignatures(): readonly TsSignature[];
  getConstructSignatures(): readonly TsSignature[];
}

export interface TsSignature {
  readonly declaration?: TsNode;
  getReturnType(): TsType;
}

export interface TsChecker {
  getSymbolAtLocation(node: TsNode): TsSymbol | undefined;
  getAliasedSymbol(symbol: TsSymbol): TsSymbol;
  getImmediateAliasedSymbol(symbol: TsSymbol): TsSymbol | undefined;
  getTypeOfSymbol(symbol: TsSymbol): TsType;
  getExportsOfModule(symbol: TsSymbol): readonly TsSymbol[];
  isUnknownSymbol(symbol: TsSymbol): boolean;
}

export interface TsProgram {
  getSourceFile(path: string): TsSourceFile | undefined;
  getSourceFiles(): readonly TsSourceFile[];
  getTypeChecker(): TsChecker;
  isSourceFileDefaultLibrary(file: TsSourceFile): boolean;
}

export interface TsOptions {
  readonly configFile?: { readonly extendedSourceFiles?: readonly string[] };
}

export interface TypeScript {
  readonly SymbolFlags: Readonly<Record<'Alias' | 'Value' | 'Class' | 'Module', number>>;
  readonly TypeFlags: Readonly<Record<'Undefined' | 'Void' | 'Never', number>>;
  readonly SyntaxKind: Readonly<Record<string, number>>;
  readonly ModuleKind: Readonly<Record<'ESNext', number>>;
  readonly ModuleResolutionKind: Readonly<Record<'Bundler', number>>;
  readonly ScriptTarget: Readonly<Record<'ESNext', number>>;
  readonly sys: object;
  createProgram(files: readonly string[], options: object): TsProgram;
  getParsedCommandLineOfConfigFile(
    path: string,
    options: object,
    host: object,
  ): { readonly options: TsOptions } | undefined;
  forEachChild(node: TsNode, visit: (child: TsNode) => void): void;
  unescapeLeadingUnderscores(name: string): string;
}
