import type { Requirement, Script } from '../../consumer/python/metadata.ts';
import type { PythonModule } from '../../consumer/python/modules.ts';
import type { EntryLoad } from '../../core/entry.ts';
import type { Finding } from '../../core/finding.ts';
import type { ComponentBase } from '../../core/suite.ts';

/** Loads every entry point of an installed package; created by `shakedown package`. */
export type EntriesComponent = NodeEntriesComponent | PythonEntriesComponent;

export interface NodeEntriesComponent extends ComponentBase {
  readonly kind: 'entries';
  readonly language: 'node';
  readonly package: {
    readonly name: string;
    /** Absolute path of the package's own folder. */
    readonly folder: string;
    /** Its own name and its dependencies of any sort. */
    readonly declared: readonly string[];
    /** Those of them that are optional and not installed. */
    readonly absent: readonly string[];
    /** Of those, the versions that are installed, by their names. */
    readonly installed: Readonly<Record<string, string>>;
    /** Its `engines` covers the Node in use. */
    readonly isForThisNode: boolean;
  };
  readonly loads: readonly EntryLoad[];
  /** How many loads there are, including those left out. */
  readonly total: number;
  /** Files that the manifest names and that do not exist. */
  readonly missing: readonly { readonly promise: string; readonly file: string }[];
}

export interface PythonEntriesComponent extends ComponentBase {
  readonly kind: 'entries';
  readonly language: 'python';
  readonly package: {
    readonly name: string;
    /** Absolute path of the `site-packages` that it is in. */
    readonly site: string;
    /** The Python of its environment. */
    readonly python: string;
    /** First parts of the names of its modules. */
    readonly roots: readonly string[];
    readonly requirements: readonly Requirement[];
  };
  readonly modules: readonly PythonModule[];
  /** How many modules there are, including those left out. */
  readonly total: number;
  readonly scripts: readonly Script[];
  /** What its files have shown, before anything of it runs. */
  readonly seen: readonly Finding[];
}
