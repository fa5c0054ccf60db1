/** Recognizes one mistake of a package in what several components tell of it: each meets the same missing file in its own way. */
import { isAbsolute, posix } from 'node:path';
import type { Finding } from '../core/finding.ts';

/** Those that quote the error with which a module or a program of the package has failed. */
const QUOTING: readonly Finding['code'][] = [
  'unloadable-entry',
  'init-failed',
  'cannot-load',
  'forbidden-output',
];

const NOT_FOUND = /Cannot find (?:module|package) '([^']+)'(?: imported from (\S+))?/;
/** Below it, Node lists who has asked for the module. */
const ASKED_BY = /^- (\S.*)$/;
const ERROR = /\b(\w{0,60}Error)(?: \[\w{1,60}\])?: (.+)/;
const ALIKE = / \(and \d+ more processes? alike\)$/;
const ENDING = /(?:\.d)?\.[cm]?[jt]sx?$|\/$/;
const MODULES = 'node_modules/';

/** `lib/parts/one.js`, of a path into any installation. */
const withinModules = (path: string): string =>
  path.slice(path.includes(MODULES) ? path.lastIndexOf(MODULES) + MODULES.length : 0);

const packageOf = (specifier: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;

const NO_PACKAGE = 'no package ';

export const missingNamed = (name: string): string => `${NO_PACKAGE}${name}`;

/** The package that is missing, if that is the mistake. */
export const missingPackage = ({ mistake }: Finding): string | undefined =>
  mistake?.startsWith(NO_PACKAGE) === true ? mistake.slice(NO_PACKAGE.length) : undefined;

/** @param importer the file that names it, as far as that is told */
function missing(wanted: string, importer: string | undefined): string | undefined {
  if (isAbsolute(wanted)) return `no file ${withinModules(wanted).replace(ENDING, '')}`;
  if (!wanted.startsWith('.')) return missingNamed(packageOf(wanted));
  if (importer === undefined) return undefined;
  return `no file ${posix.join(posix.dirname(withinModules(importer)), wanted).replace(ENDING, '')}`;
}

function inQuotation({ message, evidence = [] }: Finding): string | undefined {
  const lines = [...evidence, message];
  const [, wanted, importer] =
    lines.map((line) => NOT_FOUND.exec(line)).find((found) => found !== null) ?? [];
  const askedBy = (): string | undefined =>
    lines.map((line) => ASKED_BY.exec(line)?.[1]).find((found) => found !== undefined);
  if (wanted !== undefined) return missing(wanted, importer ?? askedBy());
  const [, name, text] = lines.map((line) => ERROR.exec(line)).find((found) => found !== null) ?? [];
  return name === undefined ? undefined : `${name}: ${text?.replace(ALIKE, '')}`;
}

/** All errors of a finding must come from the same. */
function inTypeErrors({ errors }: Extract<Finding, { code: 'type-error' }>): string | undefined {
  const all = errors.map(({ file, text }) => {
    const wanted = NOT_FOUND.exec(text)?.[1];
    return wanted === undefined ? undefined : missing(wanted, file);
  });
  return new Set(all).size === 1 ? all[0] : undefined;
}

/** @returns the same text for all findings that come from the same mistake; undefined where that cannot be told */
export function mistakeIn(finding: Finding): string | undefined {
  if (finding.mistake !== undefined) return finding.mistake;
  if (finding.code === 'type-error') return inTypeErrors(finding);
  return QUOTING.includes(finding.code) ? inQuotation(finding) : undefined;
}
