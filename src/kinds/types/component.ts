import type { TypedPackage } from '../../consumer/typed-package.ts';
import type { ComponentBase, Expectation } from '../../core/suite.ts';
import type { DeclarationSurvey, Edit } from './protocol.ts';

/** What a control found out about the declarations that samples use. */
export interface Surveyed extends Pick<DeclarationSurvey, 'copies' | 'folders'> {
  /** Absolute path of its folder, with what can be reused. */
  readonly folder: string;
}

/** A copy of declarations that checkers read instead of the original. */
export interface Overlay {
  /** Absolute path of a folder for the copy, and for what is noted down; it exists. */
  readonly folder: string;
  /** What is copied; null: what the samples use has to be found first, and is recorded. */
  readonly survey: Surveyed | null;
  /** What is changed in the copy. */
  readonly edits: readonly Edit[];
  /** Absolute path of the project. */
  readonly root: string;
}

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
  /** Null: the declarations are read where they are. */
  readonly overlay: Overlay | null;
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
  /** Null: the declarations are read where they are. */
  readonly overlay: Overlay | null;
}

export type TypesComponent = SampleTypesComponent | PackageTypesComponent;

/** Whether checkers read a copy of the declarations. Only they can tell: the sample would run as it did in the baseline. */
export const isForCheckers = ({ overlay }: TypesComponent): boolean => overlay !== null;
