/** Holds what the oracles say against what Shakedown has found: agreement, or the reason of the difference. Pure. */
import type { FindingCode } from '../../src/core/finding.ts';
import { ORACLE_REASONS } from './reasons.ts';
import { SEEN } from './seen.ts';
import type { Testimony } from './testimony.ts';

/** The findings that say what an objection says. */
const SAME: Readonly<Record<string, readonly FindingCode[]>> = {
  NoResolution: ['missing-file', 'unloadable-entry', 'unresolved-types', 'other-runtime', 'setup-failed'],
  Untyped: ['untyped'],
  UntypedResolution: ['untyped', 'unresolved-types'],
  FalseCJS: ['module-format', 'wrong-default'],
  FalseESM: ['module-format', 'wrong-default'],
  NamedExports: ['unimportable-export', 'missing-export', 'third-party-types'],
  CJSOnlyExportsDefault: ['wrong-default'],
  FalseExportDefault: ['wrong-default', 'third-party-types'],
  MissingExportEquals: ['wrong-default'],
  UnexpectedModuleSyntax: ['unloadable-entry'],
  InternalResolutionError: ['type-error', 'foreign-type-error', 'unloadable-entry'],
  FILE_DOES_NOT_EXIST: ['missing-file', 'unresolved-types'],
  FILE_INVALID_FORMAT: ['unloadable-entry'],
  FILE_INVALID_EXPLICIT_FORMAT: ['unloadable-entry'],
  EXPORTS_TYPES_INVALID_FORMAT: ['module-format', 'wrong-default'],
  TYPES_NOT_EXPORTED: ['unresolved-types', 'untyped'],
  EXPORTS_TYPES_SHOULD_BE_FIRST: ['unresolved-types', 'untyped'],
  CJS_WITH_ESMODULE_DEFAULT_EXPORT: ['wrong-default'],
  BIN_FILE_NOT_EXECUTABLE: ['cannot-start'],
};

/** What the oracles would have to see as well: they read, and neither load nor compile. */
const FOR_ORACLES: readonly FindingCode[] = [
  'missing-file',
  'unresolved-types',
  'unimportable-export',
  'wrong-default',
];

/** An objection, or a finding, and what became of it. */
export interface Comparison {
  /** Who says it: an oracle, or Shakedown. */
  readonly says: string;
  readonly code: string;
  /** The findings that say the same; or why there is none, or no objection. Undefined: that is open. */
  readonly answer: { readonly same: readonly FindingCode[] } | { readonly because: string } | undefined;
}

/** A general reason with what makes it hold here. */
function generally(because: string, spec: string, code: string): string {
  const seen = SEEN.find((each) => each.code === code && each.specs.includes(spec))?.seen;
  return `${because} (${seen ?? 'nobody has looked whether that is so here'})`;
}

/** What is known of a package by name comes before what its findings seem to say. */
function answerOf(same: readonly FindingCode[], spec: string, code: string): Comparison['answer'] {
  const reasons = ORACLE_REASONS.filter((each) => each.code === code);
  const own = reasons.find(({ specs }) => specs?.includes(spec));
  if (own === undefined && same.length > 0) return { same };
  if (own !== undefined) return { because: own.because };
  const general = reasons.find(({ specs }) => specs === undefined);
  return general && { because: generally(general.because, spec, code) };
}

/**
 * Where an oracle is silent, nobody can tell what it would have left unsaid.
 *
 * @param found codes of all findings of the trial, notes among them
 */
export function compareWithOracles(
  spec: string,
  { objections, silent }: Testimony,
  found: ReadonlySet<FindingCode>,
): Comparison[] {
  const theirs = objections.map(({ oracle, code }): Comparison => {
    const same = (SAME[code] ?? []).filter((each) => found.has(each));
    return { says: oracle, code, answer: answerOf(same, spec, code) };
  });
  const ours = (silent.length > 0 ? [] : FOR_ORACLES)
    .filter((code) => found.has(code))
    .filter((code) => !objections.some((each) => SAME[each.code]?.includes(code)))
    .map((code): Comparison => ({ says: 'Shakedown', code, answer: answerOf([], spec, code) }));
  return [...theirs, ...ours];
}
