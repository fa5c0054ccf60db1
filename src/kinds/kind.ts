/** What a kind of component is: one declaration, from which all that deals with any kind gets what it needs. */
import type { GenericSchema } from 'valibot';
import type { InstalledPackage } from '../consumer/installed-package.ts';
import type { Consequences, Finding, FindingCode } from '../core/finding.ts';
import type { Component, ComponentBase } from '../core/suite.ts';
import type { ComponentContext } from './common/context.ts';
import type { CommonOptions } from './common/options.ts';
import type { Scope } from './common/scope.ts';

/** How a config words a kind. */
export interface Words<Options extends CommonOptions = CommonOptions> {
  /** Titled with the name of its interface. */
  readonly schema: GenericSchema<unknown, Options>;
  /** Schemas that it chooses from when it sees the input, so that they cannot be found in it. */
  readonly choices?: readonly GenericSchema[];
  /** How objects of options within it are written, by the titles of their schemas. */
  readonly places?: Readonly<Record<string, string>>;
  /** What cannot be told from the form alone is told to the scope; no component when there is too little for one. */
  build(options: Options, base: ComponentBase, scope: Scope): Component | undefined;
}

/** A script in a folder without a config. */
export interface FoundScript {
  /** The name of the file within the folder. */
  readonly file: string;
  /** Absolute path of the folder. */
  readonly dir: string;
  /** What was said of the folder's server, for the kind that starts it. */
  readonly port: number;
  readonly daemon: boolean;
  /** Whether errors that it never retrieves are looked for. */
  readonly isWatched: boolean;
}

/** Makes a component of what was found. */
export type BuildByConvention = (found: FoundScript, base: ComponentBase, scope: Scope) => Component;

/** Makes components that try a package as it is installed; none where there is nothing for them to try. */
export type BuildFromPackage = (installed: InstalledPackage) => Component[];

/** A step of a component that has ended. */
export interface EndedStep {
  readonly name: string;
  readonly durationMs: number;
}

/** Runs one attempt; all that it started has ended when this resolves. */
type RunComponent<C extends Component> = (component: C, context: ComponentContext) => Promise<Finding[]>;

/** `Findings` are those that no other kind has. */
export interface Kind<
  C extends Component = Component,
  Options extends CommonOptions = CommonOptions,
  Findings extends object = object,
> {
  readonly name: C['kind'];
  /** Loaded when there is a config, and only then; null: no config has it, Shakedown makes it by itself. */
  readonly words: (() => Promise<Words<Options>>) | null;
  /** Loaded when a folder without a config is the suite; it needs no schema. Without it there is no such script. */
  readonly byConvention?: () => Promise<BuildByConvention>;
  /** Loaded when a package is the suite. */
  readonly fromPackage?: () => Promise<BuildFromPackage>;
  /** What it will do, a line each, for `shakedown plan`. */
  steps(component: C): readonly string[];
  /** Ports that it needs for itself, where they are fixed. */
  ports?(component: C): readonly number[];
  /** What those do to a verdict. */
  readonly findings: Consequences<Findings>;
  /** What stands beside its verdict on the terminal. */
  detail?(steps: readonly EndedStep[]): readonly string[];
  /** Of the finding that tells what was measured: it stands there too, rather than below. */
  readonly measurement?: FindingCode;
  /** Files of its `harness/` that its processes run: each a program of its own in the build. */
  readonly programs?: readonly string[];
  /** Loaded when a component of the kind runs, and only then. */
  readonly run: () => Promise<RunComponent<C>>;
}

/** A kind among others: what it is given is of its own kind, which whoever looks it up by name sees to. */
export const defineKind = <
  C extends Component,
  Options extends CommonOptions = CommonOptions,
  Findings extends object = object,
>(
  kind: Kind<C, Options, Findings>,
): Kind<Component, CommonOptions, Findings> => kind as unknown as Kind<Component, CommonOptions, Findings>;
