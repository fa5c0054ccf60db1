/** Dependencies: order and cycles. */

type Needs = ReadonlyMap<string, readonly string[]>;

/** Depth-first topological sort: keeps the given order where needs allow it. A cycle starts where it is entered. */
export function sortByNeeds(names: readonly string[], needs: Needs): string[] {
  const sorted = new Set<string>();
  const entered = new Set<string>();
  const visit = (name: string): void => {
    if (entered.has(name) || !names.includes(name)) return;
    entered.add(name);
    for (const needed of needs.get(name) ?? []) visit(needed);
    sorted.add(name);
  };
  for (const name of names) visit(name);
  return [...sorted];
}

/** The first cycle found, as its names in order. */
export function findCycle(needs: Needs): [string, ...string[]] | undefined {
  const finished = new Set<string>();
  const trail: string[] = [];
  const visit = (name: string): [string, ...string[]] | undefined => {
    if (finished.has(name)) return undefined;
    const at = trail.indexOf(name);
    if (at !== -1) {
      const [first = name, ...rest] = trail.slice(at);
      return [first, ...rest];
    }
    trail.push(name);
    for (const needed of needs.get(name) ?? []) {
      const cycle = visit(needed);
      if (cycle !== undefined) return cycle;
    }
    trail.pop();
    finished.add(name);
    return undefined;
  };
  for (const name of needs.keys()) {
    const cycle = visit(name);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
