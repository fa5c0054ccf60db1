/** Judges what the checkers have said of a Python package. Pure. */
import { firstFew, nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { plural } from '../../core/units.ts';
import { CONSUMER, type Imported } from './consumer-file.ts';
import { type Objection, objectionOfMypy } from './objection.ts';
import type { Difference, NamesOfModule, StubsResult } from './protocol.ts';

const SHOWN = 8;
const NAMED = 3;

/** What the judgement depends on. */
export interface Judged {
  readonly name: string;
  /** Absolute path of the `site-packages` that it is in. */
  readonly site: string;
  /** Others have written what it describes. */
  readonly isStubOnly: boolean;
}

interface Said {
  readonly names: readonly NamesOfModule[];
  readonly imports: readonly Imported[];
  readonly mypy: readonly Objection[];
  readonly pyright: readonly Objection[];
}

const show = ({ module, name }: Imported): string => (name === null ? module : `${module}.${name}`);

const isOfConsumer = ({ file }: Objection): boolean => file === CONSUMER || file.endsWith(`/${CONSUMER}`);

const byLine = (objections: readonly Objection[]): ReadonlyMap<number, Objection> =>
  new Map(objections.filter(isOfConsumer).map((each) => [each.line, each]));

/** An import that at least mypy refuses. */
interface Refused {
  readonly imported: Imported;
  readonly mypy: Objection;
  readonly pyright: Objection | undefined;
}

function refusedOf({ imports, mypy, pyright }: Said): Refused[] {
  const [first, second] = [byLine(mypy), byLine(pyright)];
  return imports.flatMap((imported, index) => {
    const objection = first.get(index + 1);
    return objection === undefined ? [] : [{ imported, mypy: objection, pyright: second.get(index + 1) }];
  });
}

/** Where to see it: a line that makes both checkers object. */
const seen = (refused: readonly Refused[]): string[] =>
  firstFew(
    refused.map(({ imported: { module, name }, mypy }) => `from ${module} import ${name}: ${mypy.text}`),
    SHOWN,
  );

/**
 * mypy's words for a name that is declared as an import of something else's. A module without `__all__` that has made it itself
 * has done so because that cannot be imported, and offers it to nobody.
 */
const STANDS_IN = /does not explicitly export/;

/** `__version__`, `__author__`: what a package says of itself. */
const isOfItself = ({ name }: Imported): boolean => name !== null && /^__\w+__$/.test(name);

/** Names of `__all__` that both checkers refuse: one alone may have declarations of its own, as of typing_extensions. */
function undeclared(refused: readonly Refused[], said: Said, judged: Judged): Finding[] {
  const promising = new Set(
    said.names.flatMap((each) => ('error' in each || !each.isPromised ? [] : [each.module])),
  );
  const names = refused.filter(
    ({ imported, mypy, pyright }) =>
      imported.name !== null &&
      !imported.isLifted &&
      pyright !== undefined &&
      (promising.has(imported.module) || !STANDS_IN.test(mypy.text)),
  );
  // What is compiled shows all that it is made of: without `__all__`, its stub says what of that is for others.
  const showing = new Set(
    said.names.flatMap((each) =>
      'error' in each || each.isPromised || !each.isCompiled ? [] : [each.module],
    ),
  );
  const isOffered = ({ imported }: Refused): boolean =>
    !isOfItself(imported) && !showing.has(imported.module);
  return [
    ...lacking(names.filter(isOffered), true, judged),
    ...lacking(
      names.filter((each) => !isOffered(each)),
      false,
      judged,
    ),
  ];
}

function lacking(names: readonly Refused[], isOffered: boolean, { isStubOnly }: Judged): Finding[] {
  if (names.length === 0) return [];
  const all = names.map(({ imported }) => show(imported));
  const what = isStubOnly ? 'its stubs lack' : 'its declarations lack';
  return [
    {
      code: 'undeclared-name',
      isOffered,
      message: `${what} ${nameFew(all, NAMED)}: mypy and pyright refuse to import ${all.length === 1 ? 'it' : 'them'}`,
      evidence: seen(names),
      names: all,
      // Stubs by others need not be complete.
      ...(isStubOnly ? { consequence: 'note' as const } : {}),
    },
  ];
}

/** A package that follows the rule of `py.typed` for nothing at all does not know it. */
function unexported(refused: readonly Refused[], { names }: Said): Finding[] {
  const hidden = names.flatMap((each) => {
    if ('error' in each || each.isPromised || each.lifted.length === 0 || each.names.length > 0) return [];
    const own = refused.filter(
      ({ imported, pyright }) =>
        imported.module === each.module && imported.isLifted && pyright !== undefined,
    );
    return own.length === each.lifted.length ? own : [];
  });
  if (hidden.length === 0) return [];
  const all = hidden.map(({ imported }) => show(imported));
  return [
    {
      code: 'unexported-name',
      message: `to type checkers ${nameFew(all, NAMED)} ${all.length === 1 ? 'is' : 'are'} private: imported from a private module, and neither in __all__ nor imported as itself`,
      evidence: seen(hidden),
      names: all,
    },
  ];
}

/** `orjson.orjson`: what is compiled is often named after the package that imports all of it. */
const isCoreOf = (module: string): boolean => /(?:^|\.)(\w+)\.\1$/.test(module);

/** Modules that are compiled, and have no stub. */
function undeclaredModules(refused: readonly Refused[]): Finding[] {
  const modules = refused.filter(
    ({ imported, mypy }) =>
      imported.name === null && /^import-/.test(mypy.rule) && !isCoreOf(imported.module),
  );
  if (modules.length === 0) return [];
  const names = modules.map(({ imported }) => imported.module);
  return [
    {
      code: 'undeclared-module',
      message: `${nameFew(names, NAMED)} ${names.length === 1 ? 'has' : 'have'} no declarations that mypy finds`,
      evidence: firstFew(
        modules.map(({ mypy }) => mypy.text),
        SHOWN,
      ),
      names,
    },
  ];
}

const within = (file: string, site: string): string | undefined =>
  file.startsWith(`${site}/`) ? file.slice(site.length + 1) : undefined;

function refusedFiles(lines: readonly string[], files: readonly string[], { name }: Judged): Finding[] {
  const own = [...new Set(files)];
  if (own.length === 0) return [];
  return [
    {
      code: 'refused-declarations',
      message: `mypy refuses ${nameFew(own, NAMED)} of ${name}`,
      evidence: firstFew(lines, SHOWN),
      files: own,
    },
  ];
}

/** @returns what follows from the imports of a consumer */
export function judgeImports(said: Said, judged: Judged): Finding[] {
  const refused = refusedOf(said);
  const inside = said.mypy.flatMap((each) => {
    const file = isOfConsumer(each) ? undefined : within(each.file, judged.site);
    return file === undefined ? [] : [{ file, line: `${file}:${each.line}: ${each.text}` }];
  });
  return [
    ...refusedFiles(
      inside.map(({ line }) => line),
      inside.map(({ file }) => file),
      judged,
    ),
    ...undeclared(refused, said, judged),
    ...unexported(refused, said),
    ...undeclaredModules(refused),
  ];
}

const isPublicPart = (part: string): boolean => !part.startsWith('_');
const isPublic = ({ module, path }: Difference): boolean =>
  module.split('.').every(isPublicPart) && path.length > 0 && path.every(isPublicPart);

const nameOf = ({ module, path }: Difference): string => [module, ...path].join('.');

/** What a checker lets pass, and does not exist. Instances may have what their class has not. */
const isLacking = ({ message, isMissing, isElsewhere, stub, path }: Difference): boolean =>
  isMissing &&
  message === 'is not present at runtime' &&
  !isElsewhere &&
  (stub === 'function' ||
    (stub === 'class' && path.length === 1) ||
    (stub === 'variable' && path.length === 1));

const NOT_THERE = /^is inconsistent, runtime does not have parameter "(\w+)"/;
const NOT_DECLARED = /^is inconsistent, stub does not have parameter "(\w+)"/;

function isWrong({ message, needed, stub }: Difference): boolean {
  if (needed === null || stub !== 'function') return false;
  const missing = NOT_DECLARED.exec(message)?.[1];
  return NOT_THERE.test(message) || (missing !== undefined && needed.includes(missing));
}

/** What stubtest says that is often meant so, or hurts nobody. */
const HARMLESS =
  /default value|@final|final at|disjoint_base|metaclass|positional|is not present|failed to (?:import|find)|__all__|unexpected error|keyword-only|does not have \*|recognised type alias|names exported|TypeVar|type_check_only|abstract/;

const line = (difference: Difference, { site }: Judged): string => {
  const { file, message } = difference;
  const place = file === null ? '' : ` (${within(file, site) ?? file}:${difference.line ?? 1})`;
  return `${nameOf(difference)} ${message}${place}`;
};

const OF_NAMES = ['name-defined', 'valid-type'];

/** @returns what follows from the comparison of stubs with modules */
export function judgeStubs({ refused, errors, differences }: StubsResult, judged: Judged): Finding[] {
  const broken = [...refused, ...errors].flatMap((text) => {
    const told = objectionOfMypy(text);
    if (told === undefined || !told.file.endsWith('.pyi') || !OF_NAMES.includes(told.rule)) return [];
    const { file: path, line, text: what } = told;
    const file = within(path, judged.site) ?? (path.startsWith('/') ? undefined : path);
    return file === undefined || file === '' ? [] : [{ file, line: `${file}:${line}: ${what}` }];
  });
  const shown = differences.filter(isPublic);
  const missing = shown.filter(isLacking);
  const wrong = shown.filter(isWrong);
  const others = shown.filter(
    (each) => !isLacking(each) && !isWrong(each) && !each.isMissing && !HARMLESS.test(each.message),
  );
  const told = (all: readonly Difference[]): string[] =>
    firstFew(
      all.map((each) => line(each, judged)),
      SHOWN,
    );
  const namesOf = (all: readonly Difference[]): string[] => [...new Set(all.map(nameOf))];
  const findings: Finding[] = refusedFiles(
    broken.map((each) => each.line),
    broken.map(({ file }) => file),
    judged,
  );
  if (missing.length > 0)
    findings.push({
      code: 'missing-name',
      message: `stubs declare ${nameFew(namesOf(missing), NAMED)}, which ${namesOf(missing).length === 1 ? 'does' : 'do'} not exist`,
      evidence: told(missing),
      names: namesOf(missing),
    });
  if (wrong.length > 0)
    findings.push({
      code: 'wrong-signature',
      message: `stubs declare other parameters of ${nameFew(namesOf(wrong), NAMED)} than ${namesOf(wrong).length === 1 ? 'it has' : 'they have'}`,
      evidence: told(wrong),
      names: namesOf(wrong),
    });
  if (others.length > 0)
    findings.push({
      code: 'stub-differs',
      message: `stubtest sees ${plural(others.length, 'other difference', 'other differences')} between stubs and modules`,
      evidence: told(others),
      count: others.length,
    });
  return findings;
}
