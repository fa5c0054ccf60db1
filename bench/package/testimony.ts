/** What oracles have said of a package, as far as they have come to an answer. */

export type OracleName = 'attw' | 'publint';

/** What one of them objects to, and where. */
export interface Objection {
  readonly oracle: OracleName;
  /** As the oracle calls it: `FalseCJS`, `FILE_DOES_NOT_EXIST`. */
  readonly code: string;
  /** Entry points with their resolution, or keys of package.json. */
  readonly where: readonly string[];
}

/** An oracle that has not answered. */
export interface Silence {
  readonly oracle: OracleName;
  readonly because: string;
}

export interface Testimony {
  /** One for each sort of objection. */
  readonly objections: readonly Objection[];
  readonly silent: readonly Silence[];
}

/** Of several objections of one sort, one that names all places. */
export function together(objections: readonly Objection[]): Objection[] {
  const byCode = new Map<string, Objection>();
  for (const each of objections) {
    const key = `${each.oracle} ${each.code}`;
    const where = [...new Set([...(byCode.get(key)?.where ?? []), ...each.where])];
    byCode.set(key, { ...each, where });
  }
  return [...byCode.values()];
}
