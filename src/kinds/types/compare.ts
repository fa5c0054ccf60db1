/**
 * What a package really exports against what its declarations promise: pure.
 *
 * What is promised and not there fails: it type-checks, and breaks when it runs. What is there and not promised is told
 * only: it may be internal on purpose. The same holds for a mismatch of module formats (attw's FalseCJS and FalseESM)
 * that makes no value differ from its type.
 */

import type { Form } from '../../core/entry.ts';
import { firstFew, nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { quote as quotePath } from '../../core/quote.ts';
import { type ExportSighting, TYPES_FINDINGS } from './findings.ts';
import type { ComparedEntry, Declared, DeclaredExport, RealExports } from './protocol.ts';

type Code = Extract<Finding, ExportSighting>['code'];
type Declarations = Extract<Declared, { type: 'declared' }>;

/** Something wrong with one export in one form. */
interface Sight {
  readonly code: Code;
  readonly form: Form;
  readonly name: string;
  /** Where it is declared; null when it is not. */
  readonly at: Pick<DeclaredExport, 'file' | 'line'> | null;
  /** What is wrong, where the code does not tell all. */
  readonly why: string;
}

/** The package whose entry points they are. */
export interface ComparedPackage {
  /** Absolute path of its folder, links resolved. */
  readonly folder: string;
  /** It says in its package.json where its declarations are. */
  readonly hasTypes: boolean;
}

/** Names that compilers and Node put there, or that by custom are nobody's business. */
const isInternal = (name: string): boolean =>
  name === 'default' || name === 'module.exports' || name.startsWith('_');

const EVIDENCE = 8;
const NAMED = 3;

const quote = (names: readonly string[]): string =>
  nameFew(
    names.map((name) => `"${name}"`),
    NAMED,
  );

/** Names that the module has, whichever way one gets at them. */
const namesOf = (real: RealExports): Set<string> => new Set([...real.names, ...(real.module?.all ?? [])]);

const named = ({ exports }: Declarations): DeclaredExport[] =>
  exports.filter(({ name, isOptional }) => name !== 'default' && !isOptional);

function missing(declared: Declarations, real: RealExports, form: Form): Sight[] {
  const present = namesOf(real);
  return named(declared)
    .filter(({ name }) => !present.has(name))
    .map((at) => ({ code: 'missing-export', form, name: at.name, at, why: '' }));
}

/**
 * In Node an import sees of a CommonJS module those names that a scan of its text finds. With `export =` TypeScript
 * offers every property as a name, and no author could tell it not to; ES exports are written one by one.
 */
function unimportable(declared: Declarations, real: RealExports): Sight[] {
  const { module } = real;
  if (module === null || declared.whole !== null) return [];
  return named(declared)
    .filter(({ name }) => module.all.includes(name) && !real.names.includes(name))
    .map((at) => ({ code: 'unimportable-export', form: 'import', name: at.name, at, why: '' }));
}

function undeclared(declared: Declarations, real: RealExports, form: Form): Sight[] {
  const { whole } = declared;
  // One value of which no property is known may be of any type.
  if (whole !== null && declared.exports.length === 0) return [];
  const promised = new Set(declared.exports.map(({ name }) => name));
  return (real.module?.own ?? real.names)
    .filter((name) => !isInternal(name) && !promised.has(name))
    .map((name) => ({ code: 'undeclared-export', form, name, at: null, why: '' }));
}

/** What is wrong with the default export, if its value is another one than its type says. */
function wrongDefault(declared: Declarations, real: RealExports, form: Form): Sight[] {
  const promised = declared.exports.find(({ name }) => name === 'default');
  const at = declared.whole ?? promised;
  if (at === undefined || at === null || at.isOptional) return [];
  const name = declared.whole === null ? 'default' : 'export =';
  const why = whyWrong(declared, promised, real, form);
  return why === undefined ? [] : [{ code: 'wrong-default', form, name, at, why }];
}

function whyWrong(
  { whole, format, exports }: Declarations,
  promised: DeclaredExport | undefined,
  real: RealExports,
  form: Form,
): string | undefined {
  const { module } = real;
  if (module === null) {
    if (!real.names.includes('default')) return 'the module has no default export';
    if (form === 'require') return whole === null ? undefined : notTheWhole(whole, real);
    if (format === 'module' || whole !== null || real.default === null) return undefined;
    // Declarations of a CommonJS module have an import give the whole module, with `default` as one of its properties.
    const others = exports.filter(({ name }) => name !== 'default');
    const { all, kind } = real.default;
    if (all.includes('default') || others.some(({ name }) => all.includes(name))) return undefined;
    return `the declarations are those of a CommonJS module, so TypeScript wants it called as .default; it is a ${kind} by itself`;
  }
  if (whole !== null) {
    if (!whole.isCallable || module.kind === 'function') return undefined;
    return `it can be called, it is said, but module.exports is ${module.kind === 'object' ? 'an object' : module.kind}`;
  }
  if (promised === undefined) return undefined;
  if (form === 'import' && format === 'module') {
    const isWrapped = module.isTranslated && module.default !== null && !module.isOwnDefault;
    if (isWrapped) return 'an import gets all of module.exports, and the value is its property `default`';
    if (promised.isCallable && module.kind !== 'function')
      return `it can be called, it is said, but an import gets module.exports, which is ${module.kind}`;
    return undefined;
  }
  if (module.default === null)
    return 'module.exports has no property `default`; where it is the value itself, it is declared by `export =`';
  if (promised.isCallable && module.default !== 'function')
    return `it can be called, it is said, but it is ${module.default}`;
  return undefined;
}

const notTheWhole = (whole: DeclaredExport, { names }: RealExports): string | undefined =>
  whole.isCallable && !names.includes('module.exports')
    ? 'it can be called, it is said, but the module is an ES module, of which require gets the namespace'
    : undefined;

/** Declarations of the one format for a module of the other. */
function misfit(declared: Declarations, real: RealExports, form: Form): Sight[] {
  const format = real.module === null ? 'module' : 'commonjs';
  if (declared.format === format) return [];
  const [said, is] = format === 'module' ? ['CommonJS', 'an ES module'] : ['an ES module', 'CommonJS'];
  const why = `its declarations are those of ${said === 'CommonJS' ? 'a CommonJS module' : said}, and it is ${is}`;
  return [{ code: 'module-format', form, name: '*', at: { file: declared.file, line: 1 }, why }];
}

function inForm(entry: ComparedEntry, form: Form): Sight[] {
  const real = entry.real[form];
  const declared = entry.declared[form];
  if (real === null || declared.type !== 'declared') return [];
  const wrong = wrongDefault(declared, real, form);
  return [
    ...missing(declared, real, form),
    ...(form === 'import' ? unimportable(declared, real) : []),
    ...wrong,
    ...undeclared(declared, real, form),
    ...(wrong.length === 0 ? misfit(declared, real, form) : []),
  ];
}

/** A bundler may be led to declarations of its own; what it loads is not known, but some name must be somewhere. */
function forBundlers({ declared, real }: ComparedEntry): Sight[] {
  const { bundler } = declared;
  if (bundler.type !== 'declared' || real.import === null) return [];
  const others = [declared.import, declared.require];
  if (others.some((other) => other.type !== 'none' && other.file === bundler.file)) return [];
  const present = new Set([real.import, real.require].flatMap((each) => (each ? [...namesOf(each)] : [])));
  return named(bundler)
    .filter(({ name }) => !present.has(name))
    .map((at) => ({ code: 'missing-export', form: 'import', name: at.name, at, why: '' }));
}

/** Exports of an ES module and those of its CommonJS twin. */
function twins({ real }: ComparedEntry): Sight[] {
  if (real.import === null || real.require === null) return [];
  // The properties of a function or of some object are no list of exports.
  if (real.import.module !== null || real.require.module?.kind !== 'object') return [];
  const imported = new Set(real.import.names);
  const required = new Set(real.require.module.all);
  const only = (form: Form, names: readonly string[], others: ReadonlySet<string>): Sight[] =>
    names
      .filter((name) => !isInternal(name) && !others.has(name))
      .map((name) => ({ code: 'forms-differ', form, name, at: null, why: '' }));
  return [
    ...only('import', real.import.names, required),
    ...only('require', real.require.module.own, imported),
  ];
}

/** Entry points that can be loaded and have no declarations for it, although the package has some. */
function undiscovered(entry: ComparedEntry, { folder, hasTypes }: ComparedPackage): Sight[] {
  if (!entry.isMain) return [];
  const { import: imported, require: required, bundler } = entry.declared;
  const own = [imported, required, bundler].some(
    (each) => each.type === 'declared' && each.file.startsWith(folder),
  );
  const isThere = (form: Form): boolean => {
    const real = entry.real[form];
    // What `require` makes of an ES module is new, and TypeScript has its own opinion of it.
    return real !== null && (form === 'import' || real.module !== null);
  };
  const code: Code = own || hasTypes ? 'unresolved-types' : 'untyped';
  return (['import', 'require'] as const)
    .filter((form) => isThere(form) && entry.declared[form].type === 'none')
    .map((form) => ({ code, form, name: '*', at: null, why: '' }));
}

const WORDS = {
  'missing-export': (names, how) => `${names} declared, but missing from ${how}`,
  'unimportable-export': (names, how) => `${names} declared, but cannot be imported by name from ${how}`,
  'wrong-default': (_, how, why) => `the default export of ${how} is declared wrongly: ${why}`,
  'undeclared-export': (names, how) => `${names} exported by ${how}, but not declared`,
  'forms-differ': (names, how) => `${names} exported only by ${how}, not by its other form`,
  'module-format': (_, how, why) => `${how}: ${why}`,
  'unresolved-types': (_, how) =>
    `TypeScript finds no declarations for ${how} under node16 and nodenext, although the package has some`,
  untyped: (_, how) => `there are no declarations for ${how}, neither the package's own nor in @types`,
  'third-party-types': (names, how) =>
    `the declarations of ${how} are not the package's own, and differ: ${names}`,
} as const satisfies Record<Code, (names: string, how: string, why: string) => string>;

const HINTS: Partial<Record<Code, string>> = {
  'unimportable-export':
    'name it in a way that cjs-module-lexer sees: exports.NAME = …, or 0 && (module.exports = { NAME })',
  'module-format': 'give each form declarations of its own: .d.mts beside .mjs, .d.cts beside .cjs',
  'unresolved-types': 'a condition "types" that comes first in `exports`, or declarations beside each file',
};

/** The command that shows it, where the package is installed. */
function reproduction({ code, name, form }: Sight, specifier: string): string | undefined {
  const text = JSON.stringify(specifier).replaceAll('"', "'");
  if (code === 'missing-export' || code === 'unimportable-export' || code === 'forms-differ')
    return form === 'import'
      ? `node --input-type=module -e "import { ${name} } from ${text}"`
      : `node -p "'${name}' in require(${text})"`;
  if (code !== 'wrong-default') return undefined;
  return form === 'import'
    ? `node --input-type=module -e "import value from ${text}; console.log(value)"`
    : `node -p "require(${text})"`;
}

/** `zod/index.d.cts`: what stands after the last `node_modules`. */
export const shortFile = (file: string): string => file.split('/node_modules/').at(-1) ?? file;

/** Where the package is installed: code there finds it by its name. */
const consumerOf = ({ folder }: ComparedPackage): string =>
  folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0)) || folder;

function toFinding(
  sights: readonly [Sight, ...Sight[]],
  specifier: string,
  installed: ComparedPackage,
): Finding {
  const [first] = sights;
  const { code, why } = first;
  const forms = [...new Set(sights.map(({ form }) => form))];
  const places = new Map(sights.map(({ name, at }) => [name, at]));
  const how = forms.map((form) => (form === 'import' ? `import('${specifier}')` : `require('${specifier}')`));
  const names = [...places.keys()];
  const verb = code === 'third-party-types' ? '' : names.length === 1 ? ' is' : ' are';
  const evidence = [...places].flatMap(([name, at]) =>
    at === null ? [] : [`${shortFile(at.file)}:${at.line}: ${name === '*' ? 'the whole module' : name}`],
  );
  const command = reproduction(first, specifier);
  const hint = [
    ...(HINTS[code] === undefined ? [] : [HINTS[code]]),
    ...(command === undefined ? [] : [`cd ${quotePath(consumerOf(installed))} && ${command}`]),
  ].join('; ');
  return {
    code,
    message: WORDS[code](`${quote(names)}${verb}`, how.join(' and '), why),
    ...(evidence.length === 0 ? {} : { evidence: firstFew(evidence, EVIDENCE) }),
    ...(hint === '' ? {} : { hint }),
    specifier,
    forms,
    exports: [...places].map(([name, at]) => ({
      name,
      file: at === null ? null : shortFile(at.file),
      line: at?.line ?? null,
    })),
  };
}

/** What a value has inherited of the platform depends on the version of Node, and is nobody's export. */
const isOfPlatform = ({ at }: Sight): boolean =>
  at !== null && /\/node_modules\/(?:typescript\/lib|@types\/node)\//.test(at.file);

/** What others declare of this package is not its mistake: it is told, and fails nothing. */
function attribute(sight: Sight, { folder }: ComparedPackage): Sight {
  const isForeign = sight.at !== null && !sight.at.file.startsWith(`${folder}/`);
  if (!isForeign || TYPES_FINDINGS[sight.code].consequence === 'note') return sight;
  return { ...sight, code: 'third-party-types' };
}

/**
 * @param entries entry points with what they really export and what is declared of them
 * @returns what differs: for each entry point one finding of a kind, with the exports that it is about
 */
export function compareExports(entries: readonly ComparedEntry[], installed: ComparedPackage): Finding[] {
  const told = entries.flatMap((entry) => {
    const sights = [
      ...inForm(entry, 'import'),
      ...inForm(entry, 'require'),
      ...forBundlers(entry),
      ...twins(entry),
      ...undiscovered(entry, installed),
    ]
      .filter((sight) => !isOfPlatform(sight))
      .map((sight) => attribute(sight, installed));
    const byKind = new Map<string, [Sight, ...Sight[]]>();
    for (const sight of sights) {
      const known = byKind.get(`${sight.code} ${sight.why}`);
      if (known === undefined) byKind.set(`${sight.code} ${sight.why}`, [sight]);
      else known.push(sight);
    }
    return [...byKind.values()].map((kind) => ({
      specifier: entry.specifier,
      finding: toFinding(kind, entry.specifier, installed),
    }));
  });
  return gather(told);
}

/** The same of several entry points, as when all declarations are of one format, is told once. */
function gather(told: readonly { readonly specifier: string; readonly finding: Finding }[]): Finding[] {
  const groups = new Map<string, { readonly finding: Finding; readonly others: string[] }>();
  for (const { specifier, finding } of told) {
    const key = `${finding.code} ${finding.message.replaceAll(`'${specifier}'`, '')}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { finding, others: [] });
    else known.others.push(specifier);
  }
  return [...groups.values()].map(({ finding, others }) => {
    if (others.length === 0) return finding;
    return {
      ...finding,
      evidence: [...(finding.evidence ?? []), `the same of ${nameFew(others, EVIDENCE)}`],
    };
  });
}
