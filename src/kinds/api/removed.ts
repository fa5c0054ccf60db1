/** What a package no longer has at run time, and what it has in addition. Pure. */
import { subpathsOf } from '../../consumer/conditions.ts';
import type { PackageContents } from '../../consumer/installed-package.ts';
import { loadsOf } from '../../consumer/loads.ts';
import type { Form } from '../../core/entry.ts';
import type { RealExports } from '../types/protocol.ts';
import { byCause, tellOnce } from './causes.ts';
import { lostPromises } from './promises.ts';
import type { Place } from './protocol.ts';

/** What can be seen of a version of the package. */
export interface Seen {
  readonly contents: PackageContents;
  /** By form and specifier: `import lodash/fp`; none for what could not be loaded. */
  readonly real: ReadonlyMap<string, RealExports>;
}

export interface ApiDifference {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

const FORMS: readonly Form[] = ['import', 'require'];

/** Made by compilers and Node, or private by convention. */
const isInternal = (name: string): boolean => name === 'module.exports' || name.startsWith('_');

const show = (form: Form, specifier: string): string =>
  form === 'import' ? `import "${specifier}"` : `require("${specifier}")`;

/** Entry points that somebody has named one by one: what a pattern matches are files, which come and go. */
function named({ manifest, entryPoints }: PackageContents): PackageContents['entryPoints'] {
  const { exports } = manifest;
  if (exports === undefined || exports === null) return entryPoints;
  const keys = subpathsOf(exports);
  return entryPoints.filter(({ subpath }) => keys.has(subpath));
}

const namesIn = ({ names, module }: RealExports, form: Form): readonly string[] =>
  form === 'require' && module !== null ? module.own : names;

/** An export that one form of an entry point no longer has, or has now. */
interface Changed extends Place {
  readonly form: Form;
}

interface ExportDifference {
  readonly removed: readonly Changed[];
  readonly added: readonly Changed[];
  /** Each as a sentence. */
  readonly otherwise: readonly string[];
}

function inForm(specifier: string, form: Form, before: Seen, after: Seen): ExportDifference {
  const [old, now] = [before, after].map(({ real }) => real.get(`${form} ${specifier}`));
  if (old === undefined || now === undefined) return { removed: [], added: [], otherwise: [] };
  const all = new Set([...now.names, ...(now.module?.all ?? [])]);
  const known = new Set([...old.names, ...(old.module?.all ?? [])]);
  const [was, is] = [old.module?.kind ?? old.default?.kind, now.module?.kind ?? now.default?.kind];
  const changed = (name: string): Changed => ({ specifier, name, form });
  return {
    removed: namesIn(old, form)
      .filter((name) => !isInternal(name) && !all.has(name))
      .map(changed),
    added: namesIn(now, form)
      .filter((name) => !isInternal(name) && name !== 'default' && !known.has(name))
      .map(changed),
    otherwise:
      was === 'function' && is !== undefined && is !== was
        ? [`${show(form, specifier)} no longer gives a function`]
        : [],
  };
}

/** An entry point that exports a name again most likely exports the same; what is the default is its own. */
const tellExports = (changed: readonly Changed[], how: string): string[] =>
  byCause(changed, ({ name, specifier }) => (name === 'default' ? `default of ${specifier}` : name)).map(
    (shown) =>
      tellOnce(shown, ({ name, form, specifier }) => `"${name}" of ${show(form, specifier)} is ${how}`),
  );

/** Entry points, forms of them, and programs. */
function wholes(before: PackageContents, after: PackageContents): ApiDifference {
  const now = new Map(after.entryPoints.map((entry) => [entry.specifier, entry]));
  const old = new Set(before.entryPoints.map(({ specifier }) => specifier));
  const removed = named(before).flatMap((entry): string[] => {
    const forms = new Set(loadsOf(entry, before.bins).map(({ form }) => form));
    const left = now.get(entry.specifier);
    if (left === undefined) return forms.size === 0 ? [] : [`"${entry.specifier}" can no longer be imported`];
    // An entry point whose file is missing is told by what loads it.
    const isThere = (form: Form): boolean =>
      left[form] !== null || (form === 'import' && left.require !== null);
    const isCommonJs = left.require?.format !== 'module';
    return FORMS.filter(
      (form) => forms.has(form) && !(isThere(form) && (form === 'import' || isCommonJs)),
    ).map(
      (form) =>
        `${show(form, entry.specifier)} no longer gives a ${form === 'import' ? 'module' : 'CommonJS module'}`,
    );
  });
  const bins = (contents: PackageContents): string[] => contents.bins.map(({ name }) => name);
  const lost = bins(before).filter((name) => !bins(after).includes(name));
  return {
    removed: [...removed, ...lost.map((name) => `the program ${name} is gone`)],
    added: [
      ...named(after)
        .filter(({ specifier }) => !old.has(specifier))
        .map(({ specifier }) => `"${specifier}" can be imported`),
      ...bins(after)
        .filter((name) => !bins(before).includes(name))
        .map((name) => `the program ${name} is new`),
    ],
  };
}

/** Merges what both forms have in common, which is the rule. */
function together(lines: readonly string[]): string[] {
  const form = /import "([^"]+)"|require\("([^"]+)"\)/;
  const key = (line: string): string => line.replace(form, (_, a?: string, b?: string) => `"${a ?? b}"`);
  return [
    ...new Map(lines.map((line) => [key(line), line]).reverse() as [string, string][]).values(),
  ].reverse();
}

/** @returns each change as a sentence; what package.json promises is among them */
export function realDifference(before: Seen, after: Seen): ApiDifference {
  const whole = wholes(before.contents, after.contents);
  const exports = named(before.contents).flatMap(({ specifier }) =>
    FORMS.map((form) => inForm(specifier, form, before, after)),
  );
  return {
    removed: [
      ...together([...whole.removed, ...exports.flatMap(({ otherwise }) => otherwise)]),
      ...tellExports(
        exports.flatMap(({ removed }) => removed),
        'gone',
      ),
      ...lostPromises(before.contents.manifest, after.contents.manifest),
    ],
    added: [
      ...together(whole.added),
      ...tellExports(
        exports.flatMap(({ added }) => added),
        'new',
      ),
    ],
  };
}
