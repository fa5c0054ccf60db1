/**
 * What an interface demands or promises, beyond what it is called: a property that was optional and is required hurts who
 * makes such an object, one that was required and is optional hurts who reads it. Of an interface by itself nobody knows
 * which of both anybody does; of a result, and of an argument that is called options or the like, that is certain.
 */
import type { Checker, TsSignature, TsSymbol, TsType, TypeScript } from './typescript.ts';

/** Objects that whoever calls makes; what others are called, the package may have made itself and gets back. */
const OPTIONS = /(?:Options|Opts|Settings|Props|Init)$/;
const MADE = /^(?:Resolved|Normali[sz]ed|Internal|Parsed|Default)/;

export class Demands {
  readonly #ts: TypeScript;
  readonly #checker: Checker;

  constructor(ts: TypeScript, checker: Checker) {
    this.#ts = ts;
    this.#checker = checker;
  }

  /** @returns the end of a sentence, as `Narrowing` gives it */
  ofFunction(old: TsSymbol, now: TsSymbol): string | undefined {
    const [before, ...others] = this.#checker.getTypeOfSymbol(old).getCallSignatures();
    const [after, ...more] = this.#checker.getTypeOfSymbol(now).getCallSignatures();
    if (before === undefined || after === undefined || others.length + more.length > 0) return undefined;
    return this.#arguments(before, after) ?? this.#result(before, after);
  }

  /** What can be read of instances, and written to them. */
  ofInstances(old: TsType, now: TsType): string | undefined {
    const names = this.#common(old, now);
    const gone = names.find(([was, is]) => !this.#isOptional(was) && this.#isOptional(is));
    if (gone !== undefined) return `no longer always has .${this.#name(gone[0])}`;
    const fixed = names.find(([was, is]) => !this.#isReadonly(was) && this.#isReadonly(is));
    return fixed === undefined ? undefined : `has .${this.#name(fixed[0])} only for reading`;
  }

  #arguments(before: TsSignature, after: TsSignature): string | undefined {
    for (const [index, parameter] of before.parameters.entries()) {
      const other = after.parameters[index];
      if (other === undefined) return undefined;
      const [was, is] = [this.#checker.getTypeOfSymbol(parameter), this.#checker.getTypeOfSymbol(other)];
      if (!this.#isPlain(was) || !this.#isPlain(is) || !isMadeByCallers(is)) continue;
      const missing = is.getProperties().find((each) => {
        const old = was.getProperty(this.#name(each));
        return !this.#isOptional(each) && (old === undefined || this.#isOptional(old));
      });
      if (missing !== undefined) return `needs .${this.#name(missing)} in argument ${index + 1}`;
    }
    return undefined;
  }

  #result(before: TsSignature, after: TsSignature): string | undefined {
    const [was, is] = [before.getReturnType(), after.getReturnType()];
    const gone = this.#common(was, is).find(([old, now]) => !this.#isOptional(old) && this.#isOptional(now));
    return gone === undefined ? undefined : `no longer always gives .${this.#name(gone[0])}`;
  }

  #common(was: TsType, is: TsType): (readonly [TsSymbol, TsSymbol])[] {
    if (!this.#isPlain(was) || !this.#isPlain(is)) return [];
    return was.getProperties().flatMap((old) => {
      const now = is.getProperty(this.#name(old));
      return now === undefined || !this.#isPublic(old) ? [] : [[old, now] as const];
    });
  }

  /** No function, whose properties are something else. */
  #isPlain = (type: TsType): boolean =>
    (type.flags & this.#ts.TypeFlags.Object) !== 0 &&
    type.getCallSignatures().length + type.getConstructSignatures().length === 0;

  #isPublic = ({ escapedName, declarations = [] }: TsSymbol): boolean =>
    !/^[_#]/.test(escapedName) &&
    declarations.every(
      (each) =>
        (this.#ts.getCombinedModifierFlags(each) & this.#ts.ModifierFlags.NonPublicAccessibilityModifier) ===
        0,
    );

  #name = ({ escapedName }: TsSymbol): string => this.#ts.unescapeLeadingUnderscores(escapedName);

  #isOptional = ({ flags }: TsSymbol): boolean => (flags & this.#ts.SymbolFlags.Optional) !== 0;

  /** By the word, or since there is a getter alone. */
  #isReadonly({ flags, declarations = [] }: TsSymbol): boolean {
    const { GetAccessor, SetAccessor } = this.#ts.SymbolFlags;
    if ((flags & GetAccessor) !== 0) return (flags & SetAccessor) === 0;
    const { Readonly } = this.#ts.ModifierFlags;
    return declarations.some((each) => (this.#ts.getCombinedModifierFlags(each) & Readonly) !== 0);
  }
}

function isMadeByCallers({ aliasSymbol, symbol }: TsType): boolean {
  const name = (aliasSymbol ?? symbol)?.escapedName ?? '';
  return OPTIONS.test(name) && !MADE.test(name);
}
