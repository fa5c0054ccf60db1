import type { TypedPackage } from '../../consumer/typed-package.ts';
import type { ComponentBase, Expectation } from '../../core/suite.ts';

/** A usage sample that is run and type-checked in its project. */
export interface SampleTypesComponent extends ComponentBase {
  readonly kind: 'types';
  /** Absolute path of the sample. */
  readonly sample: string;
  readonly language: 'python' | 'typescript';
  readonly package: null;
  /** A Python module, as an import writes it, whose stubs are compared with it. */
  readonly module: string | null;
  /** The percentage of its public names that must have a known type. */
  readonly completeness: number | null;
  /** Absolute paths of files that a type checker must reject. */
  readonly negative: readonly string[];
  readonly expect: Expectation;
}

/** TypeScript's option `moduleResolution`. */
export type ModuleResolution = 'node16' | 'nodenext' | 'bundler';

/** The types of a package as published, checked in a consumer that has nothing else. */
export interface PackageTypesComponent extends ComponentBase {
  readonly kind: 'types';
  readonly package:
    | { readonly type: 'spec'; readonly spec: string }
    | { readonly type: 'installed'; readonly installed: TypedPackage };
  /** Absolute path of a sample that uses it; null: only its declarations are checked. */
  readonly sample: string | null;
  /** Absolute paths of files that TypeScript must reject. */
  readonly negative: readonly string[];
  /** Versions of TypeScript, as npm accepts them; empty: the oldest supported one and the newest. */
  readonly typescript: readonly string[];
  readonly resolution: readonly ModuleResolution[];
  readonly expect: Expectation;
}

export type TypesComponent = SampleTypesComponent | PackageTypesComponent;
