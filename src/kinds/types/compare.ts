/**
 * Compares what a package really exports with what its declarations promise.
 *
 * A promised export that is missing fails: it type-checks, and breaks at run time. An export that is not declared is
 * only a note: it may be internal on purpose. So is a mismatch of module formats (attw's FalseCJS and FalseESM) that
 * gives no value a wrong type.
 */
import type { Form } from '../../core/entry.ts';
import { firstFew, nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { quote as quotePath } from '../../core/quote.ts';
import { type ExportSighting, TYPES_FINDINGS } from './findings.ts';
import type { ComparedEntry, Declared, DeclaredExport, RealExports } from './protocol.ts';

type Code = Extract<Finding, ExportSighting>['code'];
type Declarations = Extract<Declared, { type: 'declared' }>;

/** A mismatch of one export in one form. */
interface Sight {
  readonly code: Code;
  readonly form: Form;
  readonly name: string;
  /** Where it is declared; null when it is not. */
  readonly at: Pick<DeclaredExport, 'file' | 'line'> | null;
  /** Details that the code does not tell; may be empty. */
  readonly why: string;
}

/** The package under comparison. */
interface ComparedPackage {
  /** Absolute path of its folder, symlinks resolved. */
  readonly folder: string;
  /** Its package.json says where its declarations are. */
  readonly hasTypes: boolean;
}

/** Names added by compilers and Node, or private by convention. */
const isInternal = (name: string): boolean =>
  name === 'default' || name === 'module.exports' || name.startsWith('_');

const EVIDENCE = 8;
const NAMED = 3;

const quote = (names: readonly string[]): string =>
  nameFew(
    names.map((name) => `"${name}"`),
    NAMED,
  );

/** All names of the module, however they are reached. */
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
 * Node imports only those names of a CommonJS module that a scan of its source finds. Does not apply to `export =`,
 * where TypeScript offers every property as a name and the author has no say in it.
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
  // A value without known properties may have any type.
  if (whole !== null && declared.exports.length === 0) return [];
  const promised = new Set(declared.exports.map(({ name }) => name));
  return (real.module?.own ?? real.names)
    .filter((name) => !isInternal(name) && !promised.has(name))
    .map((name) => ({ code: 'undeclared-export', form, name, at: null, why: '' }));
}

/** Reports a default export whose value does not match its type. */
function wrongDefault(declared: Declarations, real: RealExports, form: Form): Sight[] {
  const promised = declared.exports.find(({ name }) => name === 'default');
  const at = declared.whole ?? promised;
  if (at === undefined || at === null || at.isOptional) return [];
  const name = declared.whole === null ? 'default' : 'export =';
  const why = whyWrong(declared, promised, real, form);
  return why === undefined ? [] : [{ code: 'wrong-default', form, name, at, why }];
}

/** What declarations let everybody call, and JSX alone may. */
const isLikeFunction = (kind: string): boolean => kind === 'function' || kind === 'component';

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
    // By declarations of a CommonJS module, an import gets the whole module, with `default` among its properties.
    const others = exports.filter(({ name }) => name !== 'default');
    const { all, kind } = real.default;
    if (all.includes('default') || others.some(({ name }) => all.includes(name))) return undefined;
    return `the declarations are those of a CommonJS module, so TypeScript wants it called as .default, but it is itself a ${kind}`;
  }
  if (whole !== null) {
    if (!whole.isCallable || isLikeFunction(module.kind)) return undefined;
    return `it is declared as callable, but module.exports is ${module.kind === 'object' ? 'an object' : module.kind}`;
  }
  if (promised === undefined) return undefined;
  if (form === 'import' && format === 'module') {
    const isWrapped = module.isTranslated && module.default !== null && !module.isOwnDefault;
    if (isWrapped) return 'an import gets all of module.exports, and the value is its property `default`';
    if (promised.isCallable && !isLikeFunction(module.kind))
      return `it is declared as callable, but an import gets module.exports, which is ${module.kind}`;
    return undefined;
  }
  if (module.default === null)
    return 'module.exports has no property `default`; if it is the value itself, declare it with `export =`';
  if (promised.isCallable && !isLikeFunction(module.default))
    return `it is declared as callable, but it is ${module.default}`;
  return undefined;
}

const notTheWhole = (whole: DeclaredExport, { names }: RealExports): string | undefined =>
  whole.isCallable && !names.includes('module.exports')
    ? 'it is declared as callable, but the module is an ES module, of which require gets the namespace'
    : undefined;

/** Declarations of one format for a module of the other. */
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

/** A bundler may get declarations of its own. What it loads is unknown, but each declared name must exist in some form. */
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

/** Compares the exports of an ES module with those of its CommonJS twin. */
function twins({ real }: ComparedEntry): Sight[] {
  if (real.import === null || real.require === null) return [];
  // The properties of a function or of a class instance are not a list of exports.
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

/** Reports entry points that can be loaded but have no declarations; those beside the main one may be without on purpose. */
function undiscovered(entry: ComparedEntry, { folder, hasTypes }: ComparedPackage): Sight[] {
  const { import: imported, require: required, bundler } = entry.declared;
  const own = [imported, required, bundler].some(
    (each) => each.type === 'declared' && each.file.startsWith(folder),
  );
  const isThere = (form: Form): boolean => {
    const real = entry.real[form];
    // `require` of an ES module is recent, and TypeScript resolves it by rules of its own.
    return real !== null && (form === 'import' || real.module !== null);
  };
  const code: Code = entry.isMain && (own || hasTypes) ? 'unresolved-types' : 'untyped';
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
  untyped: (_, how) => `there are no declarations for ${how}, neither in the package nor in @types`,
  'third-party-types': (names, how) =>
    `the declarations of ${how} are not the package's own, and differ: ${names}`,
} as const satisfies Record<Code, (names: string, how: string, why: string) => string>;

const HINTS: Partial<Record<Code, string>> = {
  'unimportable-export':
    'name it so that cjs-module-lexer finds it: exports.NAME = …, or 0 && (module.exports = { NAME })',
  'module-format': 'give each form declarations of its own: .d.mts beside .mjs, .d.cts beside .cjs',
  'unresolved-types': 'put a condition "types" first in `exports`, or declarations next to each file',
};

/** A command that shows the mismatch, to be run in the consumer. */
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

/** The path below the last `node_modules`: `zod/index.d.cts`. */
export const shortFile = (file: string): string => file.split('/node_modules/').at(-1) ?? file;

/** The folder the package is installed in, where code resolves it by name. */
const consumerOf = ({ folder }: ComparedPackage): string =>
  folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0)) || folder;

function toFinding(
  sights: readonly [Sight, ...Sight[]],
  specifier: string,
  installed: ComparedPackage,
): Difference['finding'] {
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

/** Members inherited from the platform depend on the version of Node, and are not exports. */
const isOfPlatform = ({ at }: Sight): boolean =>
  at !== null && /\/node_modules\/(?:typescript\/lib|@types\/node)\//.test(at.file);

/** Wrong declarations by somebody else are not the package's mistake: they become a note. */
function attribute(sight: Sight, { folder }: ComparedPackage): Sight {
  const isForeign = sight.at !== null && !sight.at.file.startsWith(`${folder}/`);
  if (!isForeign || TYPES_FINDINGS[sight.code].consequence === 'note') return sight;
  return { ...sight, code: 'third-party-types' };
}

/** A difference, and the entry point that has it. */
export interface Difference {
  readonly specifier: string;
  readonly finding: Finding & ExportSighting;
}

/**
 * @param entries entry points with their real and their declared exports
 * @returns the differences: one per kind and entry point, with the exports concerned
 */
export function compareExports(
  entries: readonly ComparedEntry[],
  installed: ComparedPackage,
): readonly Difference[] {
  return entries.flatMap((entry) => {
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
}

/** Whether Node could load no entry point at all, so that there is nothing to hold any declaration against. */
export const isNothingLoaded = (entries: readonly ComparedEntry[]): boolean =>
  entries.every(({ real }) => real.import === null && real.require === null);

/** It has not passed, and failed by nothing that concerns types: `entries` tells why. */
export const NOTHING_LOADED: Finding = {
  code: 'zero-work',
  message: 'no entry point could be loaded here, so there was nothing to hold the declarations against',
  hint: 'see what the component entries says of it',
  consequence: 'inconclusive',
};

/** What a form of packing does to all that it is applied to, whatever the names. */
const ONE_CAUSE = new Set<Code>(['unimportable-export', 'undeclared-export', 'forms-differ', 'untyped']);

const withoutSpecifier = ({ specifier, finding }: Difference): string =>
  finding.message.replaceAll(`'${specifier}'`, '');

/** Merges what has one cause in several entry points, as when all declarations have one format. */
export function findingsOf(told: readonly Difference[]): Finding[] {
  const groups = new Map<string, { readonly first: Difference; readonly others: Difference[] }>();
  for (const each of told) {
    const { code } = each.finding;
    const key = ONE_CAUSE.has(code as Code) ? code : `${code} ${withoutSpecifier(each)}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { first: each, others: [] });
    else known.others.push(each);
  }
  return [...groups.values()].map(({ first, others }) => {
    const { finding } = first;
    if (others.length === 0) return finding;
    const isSame = (other: Difference): boolean => withoutSpecifier(other) === withoutSpecifier(first);
    const same = others.filter(isSame).map(({ specifier }) => specifier);
    const like = others.filter((other) => !isSame(other)).map((other) => other.finding.message);
    return {
      ...finding,
      evidence: [
        ...(finding.evidence ?? []),
        ...(same.length === 0 ? [] : [`the same of ${nameFew(same, EVIDENCE)}`]),
        ...firstFew(like, EVIDENCE),
      ],
    };
  });
}
