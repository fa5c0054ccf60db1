/** The parts of TypeScript 5.9 used here; its own declarations are not available at compile time. */
export interface TsNode {
  readonly typeParameters?: readonly { readonly default?: unknown }[];
  getSourceFile(): TsSourceFile;
  getText(): string;
}
export interface TsSourceFile extends TsNode {
  readonly fileName: string;
  readonly imports: readonly TsNode[];
}
export interface TsSymbol {
  readonly escapedName: string;
  readonly flags: number;
  readonly declarations?: readonly TsNode[];
}
export interface TsSignature {
  readonly minArgumentCount: number;
  readonly parameters: readonly TsSymbol[];
  readonly typeParameters?: readonly unknown[];
  readonly declaration?: { readonly parameters: readonly { readonly dotDotDotToken?: unknown }[] };
  getReturnType(): TsType;
}
export interface TsType {
  readonly flags: number;
  readonly symbol?: TsSymbol;
  readonly aliasSymbol?: TsSymbol;
  /** Of a union or an intersection. */
  readonly types?: readonly TsType[];
  readonly value?: unknown;
  getCallSignatures(): readonly TsSignature[];
  getConstructSignatures(): readonly TsSignature[];
  getProperties(): readonly TsSymbol[];
  getProperty(name: string): TsSymbol | undefined;
}
export interface Checker {
  getSymbolAtLocation(node: TsNode): TsSymbol | undefined;
  getAliasedSymbol(symbol: TsSymbol): TsSymbol;
  getTypeOfSymbol(symbol: TsSymbol): TsType;
  getDeclaredTypeOfSymbol(symbol: TsSymbol): TsType;
  getExportsAndPropertiesOfModule(symbol: TsSymbol): readonly TsSymbol[];
  getBaseTypeOfLiteralType(type: TsType): TsType;
  getTypeArguments(type: TsType): readonly TsType[];
  getIndexInfosOfType(type: TsType): readonly { readonly type: TsType }[];
  isArrayType(type: TsType): boolean;
  isTupleType(type: TsType): boolean;
  isTypeAssignableTo(source: TsType, target: TsType): boolean;
  isUnknownSymbol(symbol: TsSymbol): boolean;
  typeToString(type: TsType): string;
}
export interface Program {
  getSourceFile(path: string): TsSourceFile | undefined;
  getTypeChecker(): Checker;
  isSourceFileDefaultLibrary(file: TsSourceFile): boolean;
}
interface Literal {
  readonly text: string;
}
interface Resolved {
  readonly resolvedModule?: { readonly packageId?: { readonly name: string } | undefined };
}
export interface CompilerHost {
  resolveModuleNameLiterals?(
    literals: readonly Literal[],
    file: string,
    redirected: unknown,
    options: object,
    source: unknown,
  ): readonly Resolved[];
}
export interface TypeScript {
  readonly SymbolFlags: Readonly<
    Record<
      | 'Value'
      | 'Type'
      | 'Class'
      | 'Interface'
      | 'Alias'
      | 'Prototype'
      | 'Optional'
      | 'GetAccessor'
      | 'SetAccessor',
      number
    >
  >;
  readonly TypeFlags: Readonly<
    Record<
      'Any' | 'Unknown' | 'Never' | 'Object' | 'UnionOrIntersection' | 'Instantiable' | 'UniqueESSymbol',
      number
    >
  >;
  readonly ModifierFlags: Readonly<Record<'NonPublicAccessibilityModifier' | 'Readonly', number>>;
  readonly ModuleKind: Readonly<Record<'Node16', number>>;
  readonly ModuleResolutionKind: Readonly<Record<'Node16', number>>;
  readonly ScriptTarget: Readonly<Record<'ES2022', number>>;
  createCompilerHost(options: object): CompilerHost;
  createProgram(files: readonly string[], options: object, host: CompilerHost): Program;
  getModeForUsageLocation(source: unknown, literal: Literal, options: object): number | undefined;
  resolveModuleName(
    name: string,
    file: string,
    options: object,
    host: CompilerHost,
    cache: undefined,
    redirected: unknown,
    mode: number | undefined,
  ): Resolved;
  getCombinedModifierFlags(node: TsNode): number;
  unescapeLeadingUnderscores(name: string): string;
}
