import { extname, resolve } from 'node:path';
import type { ComponentBase } from '../../core/suite.ts';
import { listOf } from '../common/build.ts';
import type { Scope } from '../common/scope.ts';
import type { PackageTypesComponent, SampleTypesComponent, TypesComponent } from './component.ts';
import { TYPES_DEFAULTS, type TypesOptions } from './options.ts';

const LANGUAGES = {
  '.py': 'python',
  '.ts': 'typescript',
  '.mts': 'typescript',
  '.cts': 'typescript',
} as const;

interface Sample {
  readonly path: string;
  readonly language: 'python' | 'typescript';
}

function toSample(name: string, scope: Scope): Sample {
  const path = resolve(scope.cwd, name);
  const language = Object.entries(LANGUAGES).find(([extension]) => extension === extname(path))?.[1];
  if (language === undefined)
    scope.problem(
      ['sample'],
      `${name} is not a sample that can be type-checked`,
      'a sample is a .ts or a .py file',
    );
  else scope.mustExist(path, ['sample'], `the sample ${name}`);
  return { path, language: language ?? 'typescript' };
}

export function buildTypes(options: TypesOptions, base: ComponentBase, scope: Scope): TypesComponent {
  const shared = {
    ...base,
    kind: 'types' as const,
    negative: listOf(options.negative).map((name) => {
      const file = resolve(scope.cwd, name);
      scope.mustExist(file, ['negative'], `the file ${name}`);
      return file;
    }),
    expect: scope.expectation(options.expect),
    overlay: null,
  };
  const sample = options.sample === undefined ? undefined : toSample(options.sample, scope);
  return options.package === undefined
    ? { ...shared, ...sampleParts(options, sample, scope) }
    : { ...shared, ...packageParts(options, options.package, sample, scope) };
}

type Shared = keyof ComponentBase | 'kind' | 'negative' | 'expect' | 'overlay';

function packageParts(
  options: TypesOptions,
  spec: string,
  sample: Sample | undefined,
  scope: Scope,
): Omit<PackageTypesComponent, Shared> {
  if (sample?.language === 'python') scope.problem(['sample'], 'the sample of an npm package is a .ts file');
  return {
    package: { type: 'spec', spec },
    sample: sample?.path ?? null,
    typescript: listOf(options.typescript),
    resolution: listOf(options.resolution ?? TYPES_DEFAULTS.resolution),
  };
}

function sampleParts(
  options: TypesOptions,
  sample: Sample | undefined,
  scope: Scope,
): Omit<SampleTypesComponent, Shared> {
  for (const option of ['typescript', 'resolution'] as const)
    if (options[option] !== undefined)
      scope.problem(
        [option],
        `\`${option}\` needs a \`package\`: a sample by itself is checked with the settings of its project`,
      );
  if (sample === undefined)
    scope.problem([], 'a types component needs a `sample`, or a `package`', "sample: './usage.ts'");
  const language = sample?.language ?? 'typescript';
  for (const option of ['module', 'completeness'] as const)
    if (options[option] !== undefined && language !== 'python')
      scope.problem([option], `\`${option}\` is for samples in Python`);
  if (options.completeness !== undefined && options.module === undefined)
    scope.problem(['completeness'], '`completeness` needs a `module`');
  return {
    package: null,
    sample: sample?.path ?? scope.cwd,
    language,
    module: options.module ?? null,
    completeness: options.completeness ?? null,
  };
}
