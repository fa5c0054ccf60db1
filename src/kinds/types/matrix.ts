/** Type-checks a sample, or only the declarations, with several versions and settings of TypeScript. */
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TypedPackage } from '../../consumer/typed-package.ts';
import type { EntryLoad } from '../../core/entry.ts';
import type { Finding } from '../../core/finding.ts';
import type { Grid } from '../../core/grid.ts';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import { plural } from '../../core/units.ts';
import type { ComponentContext } from '../common/context.ts';
import { cellOf, tellGrid } from '../common/grids.ts';
import { nodeOf } from '../common/programs.ts';
import { runStep } from '../common/run-step.ts';
import { type Compiler, obtainCompiler } from './compilers.ts';
import { isForCheckers, type ModuleResolution, type PackageTypesComponent } from './component.ts';
import { type Complaint, parseTsc } from './diagnostics.ts';
import { scratch } from './exports.ts';
import { KnownOutput } from './known-output.ts';
import type { ComparedEntry } from './protocol.ts';
import { isForTypes } from './refusal.ts';
import { type CheckedFiles, type Complained, errorFindings } from './type-errors.ts';

/** Unless the package says otherwise: DefinitelyTyped supports the versions of the last two years. */
const DEFAULT_OLDEST = '5.7';
const NEWEST = 'latest';
/** How many compilers run in parallel. */
const AT_ONCE = 2;

/** The files that every cell of the matrix checks. */
interface Material extends CheckedFiles {
  /** Names of the ES modules that must type-check. */
  readonly modules: readonly string[];
  /** Names of the CommonJS files that must type-check; `bundler` does not support them. */
  readonly scripts: readonly string[];
  /** Whether the package is not as it was installed. */
  readonly isChanged: boolean;
}

interface MatrixCell {
  readonly compiler: Compiler;
  readonly resolution: ModuleResolution;
  /** Whether it emits JavaScript as well. */
  readonly emits: boolean;
}

/** A cell in which the compiler has run. */
interface Checked extends Complained {
  readonly cell: MatrixCell;
  /** Names of the files that were checked. */
  readonly files: readonly string[];
}

/** A cell in which it could not, and why. */
interface Unchecked {
  readonly cell: MatrixCell;
  readonly findings: readonly Finding[];
}

/** The formats that a sample is run and checked in, by its extension or by what the package offers. */
function formatsOf(component: PackageTypesComponent, entries: readonly ComparedEntry[]): EntryLoad['form'][] {
  if (component.sample?.endsWith('.mts') === true) return ['import'];
  if (component.sample?.endsWith('.cts') === true) return ['require'];
  const offersCommonJs = entries.some(
    ({ isMain, declared }) =>
      isMain && declared.require.type === 'declared' && declared.require.format === 'commonjs',
  );
  return offersCommonJs ? ['import', 'require'] : ['import'];
}

function prepare(
  component: PackageTypesComponent,
  typed: TypedPackage,
  entries: readonly ComparedEntry[],
  context: ComponentContext,
): Material {
  const folder = scratch(typed, context, 'check');
  const formats = formatsOf(component, entries);
  const put = (form: EntryLoad['form']): string[] => {
    const name = form === 'import' ? 'sample.mts' : 'sample.cts';
    if (component.sample !== null) {
      if (!formats.includes(form)) return [];
      copyFileSync(component.sample, join(folder, name));
      return [name];
    }
    const text = entries.flatMap(({ specifier, real, declared }, index) => {
      // What Node cannot load is for other runtimes, which have settings of their own. ES modules are never required.
      if (real[form] === null) return [];
      const { [form]: found } = declared;
      const isUsable = found.type === 'declared' && (form === 'import' || found.format === 'commonjs');
      return isUsable ? [`import * as entry${index} from '${specifier}';\nvoid entry${index};\n`] : [];
    });
    if (text.length === 0) return [];
    writeFileSync(join(folder, name), text.join(''));
    return [name];
  };
  const ending = formats.includes('import') ? 'mts' : 'cts';
  const negative = new Map(
    component.negative.map((path, index) => {
      const name = `negative-${index}.${ending}`;
      copyFileSync(path, join(folder, name));
      return [name, basename(path)];
    }),
  );
  return {
    folder,
    typed,
    modules: put('import'),
    scripts: put('require'),
    negative,
    sample: component.sample === null ? null : basename(component.sample),
    isChanged: component.overlay !== null,
  };
}

async function check(
  cell: MatrixCell,
  material: Material,
  context: ComponentContext,
): Promise<Checked | Unchecked> {
  const { compiler, resolution, emits } = cell;
  const { folder, typed, modules, scripts, negative } = material;
  const { version } = compiler;
  const where = `typescript ${version} ${resolution}`;
  const stem = `${version}-${resolution}`;
  const config = join(folder, `tsconfig.${stem}.json`);
  const own = join(typed.consumer, 'node_modules', '@types');
  // A second copy of Node's types would clash with one that the package depends on.
  const typeRoot = existsSync(join(own, 'node')) ? own : compiler.typeRoot;
  const isBundler = resolution === 'bundler';
  const compilerOptions = {
    module: isBundler ? 'esnext' : resolution,
    moduleResolution: resolution,
    target: 'es2022',
    strict: true,
    esModuleInterop: true,
    skipLibCheck: false,
    // TypeScript's own declarations are not under test.
    skipDefaultLibCheck: true,
    resolveJsonModule: true,
    types: ['node'],
    typeRoots: [typeRoot],
    rootDir: folder,
    ...(emits ? { outDir: join(folder, 'out') } : { noEmit: true }),
  };
  const files = [...modules, ...(isBundler ? [] : scripts), ...negative.keys()];
  if (files.length === 0) return { cell, where, version, complaints: [], files };
  const asked = { consumer: typed.consumer, folder, files, version, resolution, typeRoot };
  // What is emitted, or changed for a trial, is of this run alone.
  const known = emits || material.isChanged ? undefined : new KnownOutput(asked, context);
  const before = known?.get();
  if (before !== undefined) return { cell, where, version, complaints: parseTsc(before, folder), files };
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  const output = join(folder, `${stem}.txt`);
  const tsc = join(compiler.folder, 'bin', 'tsc');
  // To a file, which is parsed below: the findings replace it in the log.
  const shell = ['/bin/sh', '-c', 'exec "$0" "$@" >"$TSC_OUTPUT" 2>&1'] as const;
  const argv = [...shell, nodeOf(context.env), tsc, '--project', config, '--pretty', 'false'] as const;
  const findings = await runStep(
    {
      name: `tsc-${stem}`,
      command: { type: 'argv', argv },
      cwd: folder,
      env: { ...context.env, TSC_OUTPUT: output },
      expect: { ...EXPECT_SUCCESS, exitCodes: [0, 1, 2] },
    },
    context,
  );
  if (findings.length > 0 || context.signal.aborted) return { cell, findings };
  const printed = readFileSync(output, 'utf8');
  known?.keep(printed);
  return { cell, where, version, complaints: parseTsc(printed, folder), files };
}

/** Reports files that TypeScript should have rejected; an import that it cannot resolve is no such rejection. */
function misuseFindings(checked: readonly Checked[], { negative }: Material): Finding[] {
  return [...negative].flatMap(([name, file]): Finding[] => {
    const isRefusal = (each: Complaint): boolean =>
      basename(each.file ?? '') === name && isForTypes(each.number);
    const accepting = checked.filter(({ complaints }) => !complaints.some(isRefusal));
    const where = accepting.map((each) => each.where);
    if (where.length === 0) return [];
    const all = where.length === checked.length ? 'every version and setting' : where.join(', ');
    return [
      {
        code: 'accepted-misuse',
        message: `${file} must not type-check, but does, with ${all}`,
        hint: 'types that are `any` accept everything; an unknown name or import, or a syntax error, does not count',
        file,
        where,
      },
    ];
  });
}

/** Runs the sample in each format, as compiled by the newest compiler. */
async function runSamples(
  component: PackageTypesComponent,
  material: Material,
  context: ComponentContext,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of [...material.modules, ...material.scripts]) {
    if (context.signal.aborted) break;
    const file = join(material.folder, 'out', name.replace(/ts$/, 'js'));
    const step = {
      name: name.endsWith('.mts') ? 'sample-esm' : 'sample-cjs',
      command: { type: 'argv', argv: [nodeOf(context.env), file] },
      cwd: material.folder,
      env: context.env,
      expect: component.expect,
    } as const;
    if (existsSync(file)) findings.push(...(await runStep(step, context)));
  }
  return findings;
}

async function compilersOf(
  component: PackageTypesComponent,
  typed: TypedPackage,
  context: ComponentContext,
): Promise<{ compilers: Compiler[]; findings: Finding[] }> {
  const ranges =
    component.typescript.length > 0 ? component.typescript : [typed.oldest ?? DEFAULT_OLDEST, NEWEST];
  const compilers: Compiler[] = [];
  const findings: Finding[] = [];
  for (const range of ranges) {
    const compiler = await obtainCompiler(range, context);
    if (!compiler.ok) findings.push(compiler.error);
    else if (!compilers.some(({ version }) => version === compiler.value.version))
      compilers.push(compiler.value);
  }
  return { compilers, findings };
}

/** The cells as a matrix; what is reported once for all of them is found here in each. */
function gridOf(
  { name }: TypedPackage,
  { resolution }: PackageTypesComponent,
  results: readonly (Checked | Unchecked)[],
  material: Material,
  context: ComponentContext,
): Grid {
  const rowOf = ({ compiler }: MatrixCell): string => `typescript ${compiler.version}`;
  return {
    title: `${material.sample ?? `the declarations of ${name}`}, type-checked`,
    rowsAre: 'compiler',
    columnsAre: 'moduleResolution',
    rows: [...new Set(results.map(({ cell }) => rowOf(cell)))],
    columns: resolution,
    cells: results.map((each) => {
      const place = { row: rowOf(each.cell), column: each.cell.resolution };
      if ('findings' in each) return cellOf(place, each.findings, { text: 'the compiler was run' }, context);
      const own = [...errorFindings([each], material), ...misuseFindings([each], material)];
      return cellOf(place, own, whatWasChecked(each, material), context);
    }),
  };
}

function whatWasChecked(
  { files }: Checked,
  { negative }: Material,
): { readonly text: string; readonly detail: readonly string[] } {
  const refused = files.flatMap((file) => negative.get(file) ?? []);
  const accepted = files.filter((file) => !negative.has(file));
  return {
    text: [
      ...(accepted.length === 0 ? ['nothing to check'] : [`${plural(accepted.length, 'file')} accepted`]),
      ...(refused.length === 0 ? [] : [`${refused.length} refused, as must be`]),
    ].join(', '),
    detail: [...accepted.map((file) => `accepted: ${file}`), ...refused.map((file) => `refused: ${file}`)],
  };
}

export async function runMatrix(
  component: PackageTypesComponent,
  typed: TypedPackage,
  entries: readonly ComparedEntry[],
  context: ComponentContext,
): Promise<Finding[]> {
  const material = prepare(component, typed, entries, context);
  try {
    const { compilers, findings } = await compilersOf(component, typed, context);
    const newest = compilers.at(-1);
    const emits = component.sample !== null && !isForCheckers(component);
    const cells = compilers.flatMap((compiler) =>
      component.resolution.map((resolution): MatrixCell => {
        const isLast = compiler === newest && resolution === component.resolution[0];
        return { compiler, resolution, emits: emits && isLast };
      }),
    );
    const results: (Checked | Unchecked)[] = [];
    for (let at = 0; at < cells.length && !context.signal.aborted; at += AT_ONCE) {
      const batch = cells.slice(at, at + AT_ONCE).map((cell) => check(cell, material, context));
      results.push(...(await Promise.all(batch)));
    }
    // A trial of changed declarations is told by what it is a trial of.
    if (!context.signal.aborted && !isForCheckers(component))
      tellGrid(gridOf(typed, component, results, material, context), context);
    const checked = results.filter((each) => 'complaints' in each);
    return [
      ...findings,
      ...results.flatMap((each) => ('findings' in each ? each.findings : [])),
      ...(emits ? await runSamples(component, material, context) : []),
      ...errorFindings(checked, material),
      ...misuseFindings(checked, material),
    ];
  } finally {
    rmSync(material.folder, { recursive: true, force: true });
  }
}
