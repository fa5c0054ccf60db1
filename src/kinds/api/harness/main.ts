/** Compares the declarations of two versions of a package, each installed in a consumer of its own, in one program. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ApiJob, DeclaredChange } from '../protocol.ts';
import { Demands } from './demands.ts';
import { Narrowing } from './narrowing.ts';
import type { CompilerHost, Program, TsSymbol, TypeScript } from './typescript.ts';

const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ApiJob;
const ts = createRequire(import.meta.url)(job.typescript) as TypeScript;

function write(folder: string): string {
  const file = join(folder, `api-${process.pid}.mts`);
  writeFileSync(
    file,
    job.specifiers.map((each, at) => `import * as entry${at} from ${JSON.stringify(each)};\n`).join(''),
  );
  return file;
}

/** TypeScript takes two packages of one name and version for one, and a release under the same version is another. */
function hostOf(options: object): CompilerHost {
  const host = ts.createCompilerHost(options);
  return {
    ...host,
    resolveModuleNameLiterals: (literals, file, redirected, current, source) =>
      literals.map((literal) => {
        const mode = ts.getModeForUsageLocation(source, literal, current);
        const found = ts.resolveModuleName(literal.text, file, current, host, undefined, redirected, mode);
        const { resolvedModule } = found;
        if (resolvedModule?.packageId?.name !== job.name) return found;
        return { ...found, resolvedModule: { ...resolvedModule, packageId: undefined } };
      }),
  };
}

function open(files: readonly string[]): Program {
  const options = {
    noEmit: true,
    strict: true,
    esModuleInterop: true,
    resolveJsonModule: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.esnext.d.ts'],
    types: ['node'],
    typeRoots: [job.typeRoot],
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
  };
  return ts.createProgram(files, options, hostOf(options));
}

const files = [write(job.before), write(job.after)] as const;
const program = open(files);
const checker = program.getTypeChecker();
const narrowing = new Narrowing(ts, program);
const demands = new Demands(ts, checker);

/** What each import of a file exports, by name; undefined where nothing is declared. */
function exportsOf(file: string): (ReadonlyMap<string, TsSymbol> | undefined)[] {
  return (program.getSourceFile(file)?.imports ?? []).map((specifier) => {
    const symbol = checker.getSymbolAtLocation(specifier);
    if (symbol === undefined) return undefined;
    const all = checker.getExportsAndPropertiesOfModule(symbol);
    return new Map(all.map((each) => [ts.unescapeLeadingUnderscores(each.escapedName), each]));
  });
}

function target(symbol: TsSymbol): TsSymbol {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

const textOf = ({ declarations = [] }: TsSymbol): string =>
  declarations.map((each) => each.getText()).join('\n');

function narrowed(old: TsSymbol, now: TsSymbol): string | undefined {
  const [before, after] = [target(old), target(now)];
  if (checker.isUnknownSymbol(before) || checker.isUnknownSymbol(after)) return undefined;
  const have = (flag: number): boolean => (before.flags & flag) !== 0 && (after.flags & flag) !== 0;
  const { Value, Type, Class } = ts.SymbolFlags;
  // What is written as it was is as wide as it was; what it refers to is compared where that is exported.
  if (textOf(before) === textOf(after)) return have(Value) ? demands.ofFunction(before, after) : undefined;
  return (
    (have(Value) ? narrowing.value(before, after) : undefined) ??
    (have(Type) ? narrowing.type(before, after) : undefined) ??
    (have(Class) ? demands.ofInstances(...declaredTypes(before, after)) : undefined)
  );
}

const declaredTypes = (before: TsSymbol, after: TsSymbol) =>
  [checker.getDeclaredTypeOfSymbol(before), checker.getDeclaredTypeOfSymbol(after)] as const;

const isInternal = (name: string): boolean =>
  name.startsWith('_') || name === 'prototype' || name === 'export=';

/** As it is written: entry points that were bundled each have a copy. */
const causeOf = (type: string, symbols: readonly TsSymbol[], how: string): string =>
  createHash('sha256')
    .update(JSON.stringify([type, how, symbols.map((each) => textOf(target(each)))]))
    .digest('hex')
    .slice(0, 24);

function isOnlyValue(symbol: TsSymbol): boolean {
  const { Value, Type } = ts.SymbolFlags;
  const { flags } = target(symbol);
  return (flags & Value) !== 0 && (flags & Type) === 0;
}

const [before, after] = [exportsOf(files[0]), exportsOf(files[1])];
const changes = job.specifiers.flatMap((specifier, index): DeclaredChange[] => {
  const [old, now] = [before[index], after[index]];
  if (old === undefined || now === undefined) return [];
  const change = (
    type: DeclaredChange['type'],
    name: string,
    symbols: readonly TsSymbol[],
    how = '',
  ): DeclaredChange => ({ specifier, type, name, how, cause: causeOf(type, symbols, how) });
  return [
    ...[...old].flatMap(([name, symbol]): DeclaredChange[] => {
      if (isInternal(name)) return [];
      const left = now.get(name);
      if (left === undefined)
        return [{ ...change('removed', name, [symbol]), isOnlyValue: isOnlyValue(symbol) }];
      const how = narrowed(symbol, left);
      return how === undefined ? [] : [change('narrowed', name, [symbol, left], how)];
    }),
    ...[...now]
      .filter(([name]) => !isInternal(name) && name !== 'default' && !old.has(name))
      .map(([name, symbol]) => change('added', name, [symbol])),
  ];
});
writeFileSync(job.result, JSON.stringify(changes));
