/** Which results of shards belong together, and what is missing. Pure. */
import type { Finding } from '../../core/finding.ts';
import { type Shard, shardName } from '../../core/shard.ts';
import { EXIT_CODES } from '../../core/verdict.ts';
import type { ShardResult } from './result-file.ts';

export interface Matched {
  /** At most one for each shard, in their order. */
  readonly results: readonly ShardResult[];
  /** The numbers of those that are missing. */
  readonly missing: readonly number[];
  /** What is wrong with the whole. */
  readonly findings: readonly Finding[];
}

const isSameDeal = ({ started }: ShardResult, { started: other }: ShardResult): boolean =>
  JSON.stringify(started.shard.deal) === JSON.stringify(other.shard.deal);

/** Whether two shards are parts of one plan, and of one build as far as they say. */
const belongTogether = (one: ShardResult, other: ShardResult): boolean => whyApart(one, other) === undefined;

/** Why two shards cannot be put together; undefined if they can. */
function whyApart(one: ShardResult, other: ShardResult): string | undefined {
  const [{ shard, version, suite }, { shard: rest, version: itsVersion }] = [one.started, other.started];
  if (shard.of !== rest.of) return `it is one of ${shard.of} shards, and ${other.file} is one of ${rest.of}`;
  if (shard.build !== undefined && rest.build !== undefined && shard.build !== rest.build)
    return `it is of build ${shard.build}, and ${other.file} is of build ${rest.build}`;
  if (version !== itsVersion) return `it is of Shakedown ${version}, and ${other.file} is of ${itsVersion}`;
  const names = ({ deal }: Shard): string => JSON.stringify(deal.map(({ name, kind }) => [name, kind]));
  if (names(shard) !== names(rest)) return `it is of another plan than ${other.file}: of other components`;
  if (!isSameDeal(one, other))
    return `its components were dealt differently than in ${other.file}: the shards had different histories`;
  if (shard.plan !== rest.plan)
    return `it is of another plan than ${other.file}: ${suite}, or an option, was not the same`;
  return undefined;
}

/** Those that most belong to; of equals, those of the first file. */
function largest(results: readonly ShardResult[]): ShardResult[] {
  const groups: ShardResult[][] = [];
  for (const result of results) {
    const own = groups.find((group) => group.every((each) => belongTogether(result, each)));
    if (own === undefined) groups.push([result]);
    else own.push(result);
  }
  return groups.reduce((most, group) => (group.length > most.length ? group : most), groups[0] ?? []);
}

/** The higher, the worse: what did not end is worse than what passed, and a failure is certain. */
function badness({ finished, trouble }: ShardResult): number {
  if (finished?.verdict === 'failed') return 3;
  if (finished === null || trouble !== undefined) return 2;
  return finished.exitCode === EXIT_CODES.passed ? 0 : 1;
}

function interrupted({ events }: ShardResult): string | undefined {
  const event = events.find(({ type }) => type === 'interrupted');
  return event?.type === 'interrupted' ? `it was interrupted by ${event.signal}` : undefined;
}

/** @param all at least one */
export function match(all: readonly ShardResult[]): Matched {
  const own = largest(all);
  const [first] = own;
  if (first === undefined) return { results: [], missing: [], findings: [] };
  const { of } = first.started.shard;
  const name = (number: number): string => shardName({ number, of });
  const foreign = all
    .filter((result) => !own.includes(result))
    .map((result): Finding => {
      const why = own.map((each) => whyApart(result, each)).find((each) => each !== undefined);
      return { code: 'foreign-shard', message: `${result.file} does not belong to the others: ${why ?? ''}` };
    });
  const results: ShardResult[] = [];
  const missing: number[] = [];
  const findings: Finding[] = [];
  for (let number = 1; number <= of; number += 1) {
    const candidates = own.filter(({ started }) => started.shard.number === number);
    const [worst] = candidates.toSorted((one, other) => badness(other) - badness(one));
    if (worst === undefined) {
      missing.push(number);
      findings.push({ code: 'missing-shard', message: `there is no result of ${name(number)}` });
      continue;
    }
    results.push(worst);
    const files = candidates.map(({ file }) => file).join(' and ');
    if (candidates.length > 1)
      findings.push({
        code: 'doubled-shard',
        message: `there are ${candidates.length} results of ${name(number)}: ${files}; ${worst.file} is shown`,
      });
    const trouble = worst.trouble ?? interrupted(worst);
    if (trouble !== undefined)
      findings.push({ code: 'broken-shard', message: `${name(number)} (${worst.file}): ${trouble}` });
  }
  return { results, missing, findings: [...foreign, ...findings] };
}
