/** Judges a Python package by the files that it installs. Pure. */
import type { InstalledDistribution } from '../../consumer/python/distribution.ts';
import { firstFew, nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { plural } from '../../core/units.ts';
import { missingFile } from './missing-file.ts';
import { judgeTag } from './python-tag.ts';

type Judged = Pick<
  InstalledDistribution,
  'name' | 'files' | 'missing' | 'metadata' | 'modules' | 'wheel' | 'oddScripts'
>;

const SHOWN = 8;
const NAMED = 3;

/** Names that any project has in its own folder, and so any package may install by mistake. */
const ANYBODYS = new Set([
  ...['test', 'tests', 'testing', 'doc', 'docs', 'example', 'examples', 'benchmark', 'benchmarks'],
  ...['script', 'scripts', 'src', 'build', 'dist', 'setup', 'conftest', 'noxfile', 'tasks'],
]);
/** Files for the people who work on a project. */
const FOR_AUTHORS =
  /^(?:readme|licen[cs]e|changelog|changes|history|contributing|authors|makefile|pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|requirements[\w-]*\.txt)(?:\.\w+)?$/i;

const partsOf = (file: string): string[] => file.split('/');
const isOutside = (file: string): boolean => file.startsWith('..');
const isMetadata = (file: string): boolean => /^[^/]+\.dist-info\//.test(file);

/** The first parts of what it installs: `requests`, `six`. */
function rootsOf(files: readonly string[]): string[] {
  const roots = files
    .filter((file) => !isOutside(file) && !isMetadata(file))
    .map((file) => partsOf(file)[0]?.replace(/\.(?:pyi?|so|pyd)$/, '') ?? '');
  return [...new Set(roots)];
}

/** What lies in `site-packages` under a name that is not its own. */
function strays({ name, files }: Judged): Finding[] {
  const own = name.toLowerCase().replace(/[-.]/g, '_');
  const names = rootsOf(files).filter(
    (root) => ANYBODYS.has(root.toLowerCase()) && root.toLowerCase() !== own,
  );
  const loose = files.filter((file) => !file.includes('/') && FOR_AUTHORS.test(file));
  return [
    ...names.map((root): Finding => {
      const within = files.filter((file) => partsOf(file)[0]?.replace(/\.py$/, '') === root);
      return {
        code: 'stray-module',
        message: `it installs ${root} as a module of its own, where ${root} of any other package would be as well`,
        evidence: firstFew(within, SHOWN),
        hint: `leave ${root} out of the wheel: with setuptools [tool.setuptools.packages.find] exclude = ["${root}*"]`,
        module: root,
      };
    }),
    ...(loose.length === 0
      ? []
      : [
          {
            code: 'loose-files',
            message: `it installs ${nameFew(loose, NAMED)} beside the packages, not within its own`,
            evidence: firstFew(loose, SHOWN),
            hint: 'leave them out of the wheel, or put them into its package',
            files: loose,
          } as const satisfies Finding,
        ]),
  ];
}

/** Modules and declarations of the wheel, against `py.typed` and the classifier that promises types. */
function promisedTypes({ files, metadata, modules, name }: Judged): Finding[] {
  if (/^types-|-stubs$/.test(name)) return [];
  const isMarked = files.some((file) => file.endsWith('/py.typed'));
  const packages = [
    ...new Set(modules.filter(({ isTop, file }) => isTop && file.includes('/')).map(({ file }) => file)),
  ];
  const folder = (packages[0] ?? '').split('/').slice(0, -1).join('/');
  const isPromised = metadata.classifiers.includes('Typing :: Typed');
  if (isMarked || folder === '') return [];
  if (isPromised)
    return [
      {
        ...missingFile({ promise: 'the classifier "Typing :: Typed"', file: `${folder}/py.typed` }),
        hint: 'put an empty file py.typed into the package and list it as package data: without it type checkers take everything for Any',
      },
    ];
  const stubs = files.filter(
    (file) => file.endsWith('.pyi') && partsOf(file)[0]?.endsWith('-stubs') === false,
  );
  if (stubs.length === 0) return [];
  return [
    {
      code: 'unmarked-types',
      message: `it ships ${plural(stubs.length, 'declaration', 'declarations')} (.pyi) without py.typed, so type checkers ignore them`,
      evidence: firstFew(stubs, SHOWN),
      hint: `put an empty file py.typed into ${folder}`,
    },
  ];
}

function wheelMismatches({ wheel: { mismatches }, missing }: Judged): Finding[] {
  const all = [...mismatches, ...missing.map((file) => `RECORD lists ${file}, which was not installed`)];
  if (all.length === 0) return [];
  return [
    {
      code: 'record-mismatch',
      message:
        all.length === 1
          ? (all[0] ?? '')
          : `${all[0]}, and ${plural(all.length - 1, 'more thing does', 'more things do')} not agree`,
      evidence: firstFew(all, SHOWN),
      hint: 'build the wheel with a build tool (python -m build), and change nothing in it afterwards',
      count: all.length,
    },
  ];
}

/** A build that finds no module succeeds all the same. What only brings other packages has none on purpose. */
function nothingWithin({ metadata: { requirements }, name, wheel }: Judged): Finding[] {
  if (requirements.length > 0 || wheel.files.some((file) => !isMetadata(file))) return [];
  const file = name.toLowerCase().replace(/[-.]+/g, '_');
  return [
    {
      ...missingFile({ promise: 'its name', file }),
      message: `${wheel.file} installs nothing: it has no module and no program, and needs no other package`,
      hint: `let the build find the package: with setuptools [tool.setuptools.packages.find] where = ["src"], with hatchling [tool.hatch.build.targets.wheel] packages = ["src/${file}"]`,
    },
  ];
}

/** Nobody can run them, here or elsewhere, and what does not run is not tried. */
function oddPrograms({ oddScripts }: Judged): Finding[] {
  if (oddScripts.length === 0) return [];
  return [
    {
      code: 'entries-left-out',
      message: `${plural(oddScripts.length, 'program was', 'programs were')} not tried: ${nameFew(oddScripts, NAMED)}`,
      hint: 'the name of a program has letters, digits, ".", "-" and "_" alone, and after it comes module:function',
      evidence: firstFew(oddScripts, SHOWN),
      count: oddScripts.length,
    },
  ];
}

/** @returns findings, without anything of the package having run */
export const judgeFiles = (distribution: Judged): Finding[] => [
  ...wheelMismatches(distribution),
  ...judgeTag(distribution.wheel),
  ...nothingWithin(distribution),
  ...strays(distribution),
  ...promisedTypes(distribution),
  ...oddPrograms(distribution),
];
