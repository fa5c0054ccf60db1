/** A kind of component is declared once; everything that handles components gets what it needs from the declaration. */
import type { GenericSchema } from 'valibot';
import type { InstalledPackage } from '../consumer/installed-package.ts';
import type { InstalledDistribution } from '../consumer/python/distribution.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Chapter } from '../core/explanation.ts';
import type { Declarations, Finding, FindingCode } from '../core/finding.ts';
import type { Harm } from '../core/harm.ts';
import type { Absent, Component, ComponentBase, SharedExternal, SharedService } from '../core/suite.ts';
import type { ComponentContext } from './common/context.ts';
import type { CommonOptions } from './common/options.ts';
import type { Scope } from './common/scope.ts';
import type { Sabotage } from './sabotage.ts';

/** How a config describes a component of a kind. */
export interface Words<Options extends CommonOptions = CommonOptions> {
  /** Its title is the name of its interface. */
  readonly schema: GenericSchema<unknown, Options>;
  /** Schemas that it picks from once it sees the input, and that therefore cannot be found in it. */
  readonly choices?: readonly GenericSchema[];
  /** How nested options are written, by the titles of their schemas. */
  readonly places?: Readonly<Record<string, string>>;
  /** Reports to the scope what the schema cannot check; returns nothing when there is too little for a component. */
  build(options: Options, base: ComponentBase, scope: Scope): Component | undefined;
}

/** A script in a folder without a config. */
export interface FoundScript {
  /** The name of the file within the folder. */
  readonly file: string;
  /** Absolute path of the folder. */
  readonly dir: string;
  /** For the kind that starts the folder's server. */
  readonly port: number;
  readonly daemon: boolean;
  /** Whether to look for errors that it never retrieves. */
  readonly isWatched: boolean;
}

/** Makes a component of a script. */
export type BuildByConvention = (found: FoundScript, base: ComponentBase, scope: Scope) => Component;

/** Makes components that try an installed package; none if there is nothing for them to try. */
export type BuildFromPackage = (installed: InstalledPackage) => Component[];

/** The same for an installed Python package; what is absent is told with the reason. */
export type BuildFromDistribution = (installed: InstalledDistribution) => (Component | Absent)[];

/** A finished step of a component. */
export interface EndedStep {
  readonly name: string;
  readonly durationMs: number;
}

/** Runs one attempt. When this resolves, everything it started has ended. */
type RunComponent<C extends Component> = (component: C, context: ComponentContext) => Promise<Finding[]>;

/** `Findings`: those that the kind itself declares. */
export interface Kind<
  C extends Component = Component,
  Options extends CommonOptions = CommonOptions,
  Findings extends Declarations = Declarations<never>,
> {
  readonly name: C['kind'];
  /** Loaded only when there is a config; null if no config can have the kind, and only Shakedown makes such components. */
  readonly words: (() => Promise<Words<Options>>) | null;
  /** Loaded only for a folder without a config, and needs no schema; absent if no script stands for this kind. */
  readonly byConvention?: () => Promise<BuildByConvention>;
  /** Loaded only for `shakedown package`. */
  readonly fromPackage?: () => Promise<BuildFromPackage>;
  /** Loaded only for `shakedown package` with a package for Python. */
  readonly fromDistribution?: () => Promise<BuildFromDistribution>;
  /** What it will do, one line each, for `shakedown plan`. */
  steps(component: C): readonly string[];
  /** Why it cannot use a service that is already there in place of the one of the suite; undefined if it can. */
  unfit?(component: C, external: SharedExternal): Diagnostic | undefined;
  /** The fixed ports that no other component may use at the same time. */
  ports?(component: C): readonly number[];
  /** The folder whose files it replaces, which no other component may do. */
  folder?(component: C): string | null;
  /** The services that it has of its own, as if they were the suite's. */
  services?(component: C): readonly SharedService[];
  readonly findings: Findings;
  /** Whom a finding hurts in the trial of a package; undefined if the kind does not know. Loaded only for such trials. */
  readonly harm?: () => Promise<(finding: Finding, component: C) => Harm | undefined>;
  /** What these mean, for `shakedown explain` and the page of findings. Loaded only when somebody asks. */
  readonly explanations?: () => Promise<Chapter<Findings>>;
  /** What the terminal shows next to its verdict. */
  detail?(steps: readonly EndedStep[]): readonly string[];
  /** The code of a finding with a measurement: the terminal shows it there too, rather than below. */
  readonly measurement?: FindingCode;
  /** Files in its `harness/` that run in processes of their own; the build makes each into a program. */
  readonly programs?: readonly string[];
  /** How what it tries can be broken; absent if it cannot. Loaded only for `shakedown prove`. */
  readonly sabotage?: () => Promise<Sabotage>;
  /** Loaded only when a component of the kind runs. */
  readonly run: () => Promise<RunComponent<C>>;
}

/** Drops the kind's own types, so that kinds fit into one list; looking them up by name ensures that each gets its own. */
export const defineKind = <
  C extends Component,
  Options extends CommonOptions = CommonOptions,
  Findings extends Declarations = Declarations<never>,
>(
  kind: Kind<C, Options, Findings>,
): Kind<Component, CommonOptions, Findings> => kind as unknown as Kind<Component, CommonOptions, Findings>;
