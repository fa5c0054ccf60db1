/**
 * Says in which way a declaration is narrower than it was, and only where that is certain: two versions of a class with
 * private members are never assignable to each other, and of generics and conditional types nobody can tell in general.
 */
import type { Checker, Program, TsSignature, TsSymbol, TsType, TypeScript } from './typescript.ts';

const DEEPEST = 4;
const MOST_PROPERTIES = 60;
const LONGEST = 80;

export class Narrowing {
  readonly #ts: TypeScript;
  readonly #program: Program;
  readonly #checker: Checker;

  constructor(ts: TypeScript, program: Program) {
    this.#ts = ts;
    this.#program = program;
    this.#checker = program.getTypeChecker();
  }

  /** @returns the end of a sentence that begins with the name of the export; undefined if it is as wide, or nobody can tell */
  value(old: TsSymbol, now: TsSymbol): string | undefined {
    const before = this.#checker.getTypeOfSymbol(old);
    const after = this.#checker.getTypeOfSymbol(now);
    if (this.#isVague(before) || this.#isVague(after)) return undefined;
    const calls = [before.getCallSignatures(), after.getCallSignatures()] as const;
    const constructs = [before.getConstructSignatures(), after.getConstructSignatures()] as const;
    // The compiler lets a function with fewer parameters, or with required ones, stand for one with optional ones.
    const count = counted(...calls) ?? counted(...constructs);
    if (count !== undefined) return count;
    if (this.#checker.isTypeAssignableTo(after, before)) return undefined;
    if (calls[0].length > 0 && calls[1].length === 0) return 'can no longer be called';
    if (constructs[0].length > 0 && constructs[1].length === 0) return 'can no longer be constructed';
    return (
      this.#signatures(...calls, true) ??
      this.#signatures(...constructs, false) ??
      this.#lost(before, after) ??
      this.#instances(before, after) ??
      this.#plain(before, after)
    );
  }

  /** The same for an interface, a type alias, or the instances of a class. */
  type(old: TsSymbol, now: TsSymbol): string | undefined {
    const required = this.#requiredTypes(now);
    if (required > this.#typesTaken(old)) return `takes ${required} type arguments now`;
    const before = this.#checker.getDeclaredTypeOfSymbol(old);
    const after = this.#checker.getDeclaredTypeOfSymbol(now);
    if (this.#isVague(before) || this.#isVague(after)) return undefined;
    return this.#lostLiterals(before, after) ?? this.#lost(before, after);
  }

  #isVague({ flags }: TsType): boolean {
    const { Any, Unknown, Never, Instantiable } = this.#ts.TypeFlags;
    return (flags & (Any | Unknown | Never | Instantiable)) !== 0;
  }

  #typesTaken = ({ declarations = [] }: TsSymbol): number =>
    Math.max(0, ...declarations.map(({ typeParameters = [] }) => typeParameters.length));

  #requiredTypes = ({ declarations = [] }: TsSymbol): number =>
    Math.max(
      0,
      ...declarations.map(
        ({ typeParameters = [] }) => typeParameters.filter((each) => each.default === undefined).length,
      ),
    );

  /** Of generics nobody can tell in general. */
  #signatures(
    before: readonly TsSignature[],
    after: readonly TsSignature[],
    isCall: boolean,
  ): string | undefined {
    const [old, ...others] = before;
    const [now, ...more] = after;
    if (old === undefined || now === undefined) return undefined;
    if (others.length + more.length > 0) return this.#overloads(before, after);
    if (isGeneric(old) || isGeneric(now)) return undefined;
    return this.#parameters(old, now) ?? (isCall ? this.#returned(old, now) : undefined);
  }

  /** One that no other takes the place of. */
  #overloads(before: readonly TsSignature[], after: readonly TsSignature[]): string | undefined {
    const gone = before.find((old) => !isGeneric(old) && after.every((now) => this.#refuses(now, old)));
    if (gone === undefined) return undefined;
    const types = gone.parameters.map((each) => this.#show(this.#checker.getTypeOfSymbol(each)));
    return `no longer takes (${types.join(', ')})`;
  }

  /** Whether no call that an old signature was for is one for this. */
  #refuses(now: TsSignature, old: TsSignature): boolean {
    if (isGeneric(now) || hasRest(now) || hasRest(old)) return false;
    if (now.minArgumentCount > old.parameters.length) return true;
    if (now.parameters.length < old.minArgumentCount) return true;
    return old.parameters.slice(0, old.minArgumentCount).some((parameter, index) => {
      const other = now.parameters[index];
      if (other === undefined) return false;
      const was = this.#checker.getTypeOfSymbol(parameter);
      const is = this.#checker.getTypeOfSymbol(other);
      return (was.types ?? [was]).every((each) => this.#isNarrower(is, was, each, is));
    });
  }

  #parameters(old: TsSignature, now: TsSignature): string | undefined {
    for (const [index, parameter] of old.parameters.entries()) {
      const other = now.parameters[index];
      if (other === undefined || hasRest(old) || hasRest(now)) return undefined;
      const was = this.#checker.getTypeOfSymbol(parameter);
      const is = this.#checker.getTypeOfSymbol(other);
      if (this.#isNarrower(is, was, was, is))
        return `takes ${this.#show(is)} as argument ${index + 1}, which was ${this.#show(was)}`;
    }
    return undefined;
  }

  #returned(old: TsSignature, now: TsSignature): string | undefined {
    const was = old.getReturnType();
    const is = now.getReturnType();
    return this.#isNarrower(is, was, this.#widened(is), this.#widened(was))
      ? `returns ${this.#show(is)}, which was ${this.#show(was)}`
      : undefined;
  }

  #plain(was: TsType, is: TsType): string | undefined {
    const { Object: object, UnionOrIntersection } = this.#ts.TypeFlags;
    // Of objects it is said which of their members are gone.
    if (
      (was.flags & (object | UnionOrIntersection)) !== 0 &&
      (is.flags & (object | UnionOrIntersection)) !== 0
    )
      return undefined;
    return this.#isNarrower(is, was, this.#widened(is), this.#widened(was))
      ? `is ${this.#show(is)}, which was ${this.#show(was)}`
      : undefined;
  }

  /** What a version is called, or a list of names, differs in each release. */
  #widened = (type: TsType): TsType => this.#checker.getBaseTypeOfLiteralType(type);

  #isNarrower(is: TsType, was: TsType, source: TsType, target: TsType): boolean {
    return !this.#checker.isTypeAssignableTo(source, target) && this.#isCertain(is) && this.#isCertain(was);
  }

  /** A public member that is gone. */
  #lost(before: TsType, after: TsType): string | undefined {
    if (!this.#isObject(before) || !this.#isObject(after)) return undefined;
    const gone = before
      .getProperties()
      .filter((each) => this.#isPublic(each))
      .map(({ escapedName }) => this.#ts.unescapeLeadingUnderscores(escapedName))
      .filter((name) => after.getProperty(name) === undefined);
    if (gone.length === 0) return undefined;
    const few = gone.slice(0, 3).map((name) => `.${name}`);
    return `has no ${few.join(', ')}${gone.length > few.length ? ', …' : ''} any more`;
  }

  #instances(before: TsType, after: TsType): string | undefined {
    const [old] = before.getConstructSignatures();
    const [now] = after.getConstructSignatures();
    return old === undefined || now === undefined
      ? undefined
      : this.#lost(old.getReturnType(), now.getReturnType());
  }

  #lostLiterals(before: TsType, after: TsType): string | undefined {
    const literals = ({ types, value }: TsType): readonly unknown[] =>
      types?.map((each) => each.value) ?? [value];
    const [was, is] = [literals(before), literals(after)];
    if ([...was, ...is].some((value) => typeof value !== 'string')) return undefined;
    const gone = was.find((value) => !is.includes(value));
    return gone === undefined ? undefined : `no longer has ${JSON.stringify(gone)}`;
  }

  #isObject = ({ flags }: TsType): boolean => (flags & this.#ts.TypeFlags.Object) !== 0;

  #isPublic({ escapedName, flags, declarations = [] }: TsSymbol): boolean {
    if (/^[_#]/.test(escapedName) || (flags & this.#ts.SymbolFlags.Prototype) !== 0) return false;
    const { NonPublicAccessibilityModifier } = this.#ts.ModifierFlags;
    return declarations.every(
      (each) => (this.#ts.getCombinedModifierFlags(each) & NonPublicAccessibilityModifier) === 0,
    );
  }

  /** Whether two types that are written like this can be compared by their structure. */
  #isCertain(type: TsType, depth = 0, seen = new Set<TsType>()): boolean {
    if (seen.has(type)) return true;
    seen.add(type);
    const { Object: object, Any, Instantiable, UniqueESSymbol } = this.#ts.TypeFlags;
    if ((type.flags & (Any | Instantiable | UniqueESSymbol)) !== 0 || depth > DEEPEST) return false;
    const next = (each: TsType): boolean => this.#isCertain(each, depth + 1, seen);
    if (type.types !== undefined) return type.types.every(next);
    if ((type.flags & object) === 0) return true;
    if (this.#checker.isArrayType(type) || this.#checker.isTupleType(type) || this.#isOfPlatform(type))
      return this.#checker.getTypeArguments(type).every(next);
    const properties = type.getProperties();
    if (properties.length > MOST_PROPERTIES || properties.some((each) => !this.#isOpen(each))) return false;
    const signatures = [...type.getCallSignatures(), ...type.getConstructSignatures()];
    return (
      properties.every((each) => next(this.#checker.getTypeOfSymbol(each))) &&
      this.#checker.getIndexInfosOfType(type).every((each) => next(each.type)) &&
      signatures.every(
        (each) =>
          !isGeneric(each) &&
          next(each.getReturnType()) &&
          each.parameters.every((parameter) => next(this.#checker.getTypeOfSymbol(parameter))),
      )
    );
  }

  #isOpen({ escapedName, declarations = [] }: TsSymbol): boolean {
    const { NonPublicAccessibilityModifier } = this.#ts.ModifierFlags;
    return (
      !/^__(?:#|@)/.test(escapedName) &&
      declarations.every(
        (each) => (this.#ts.getCombinedModifierFlags(each) & NonPublicAccessibilityModifier) === 0,
      )
    );
  }

  /** Both versions see the same declarations of the language and of Node. What `Readonly<T>` and the like make of a type is its own. */
  #isOfPlatform({ symbol }: TsType): boolean {
    const { Class, Interface } = this.#ts.SymbolFlags;
    const file = symbol?.declarations?.[0]?.getSourceFile();
    return (
      symbol !== undefined &&
      (symbol.flags & (Class | Interface)) !== 0 &&
      file !== undefined &&
      (this.#program.isSourceFileDefaultLibrary(file) || file.fileName.includes('/@types/node/'))
    );
  }

  #show(type: TsType): string {
    const text = this.#checker.typeToString(type);
    return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  }
}

const hasRest = ({ declaration }: TsSignature): boolean =>
  declaration?.parameters.some(({ dotDotDotToken }) => dotDotDotToken !== undefined) === true;

const mostArguments = (signature: TsSignature): number =>
  hasRest(signature) ? Number.POSITIVE_INFINITY : signature.parameters.length;

/** How many arguments it takes, overloads and all: that can always be told. */
function counted(before: readonly TsSignature[], after: readonly TsSignature[]): string | undefined {
  if (before.length === 0 || after.length === 0) return undefined;
  const least = Math.min(...after.map(({ minArgumentCount }) => minArgumentCount));
  const was = Math.min(...before.map(({ minArgumentCount }) => minArgumentCount));
  if (least > was) return `needs ${argumentsOf(least)}, where ${was} would do`;
  const most = Math.max(...after.map(mostArguments));
  const wasMost = Math.max(...before.map(mostArguments));
  return most < wasMost && Number.isFinite(wasMost)
    ? `takes at most ${argumentsOf(most)}, where ${wasMost} were possible`
    : undefined;
}

const argumentsOf = (count: number): string => `${count} ${count === 1 ? 'argument' : 'arguments'}`;

const isGeneric = ({ typeParameters }: TsSignature): boolean => (typeParameters ?? []).length > 0;
