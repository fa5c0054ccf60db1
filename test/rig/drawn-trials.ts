/** What trials of packages come to, as drawn by a seed: the same for each package, whoever tries it and when. */
import type { Finding } from '../../src/core/finding.ts';
import { Random } from '../../src/core/random.ts';
import type { Trial } from '../../src/distributed/trials/protocol.ts';

/** As many, and as long, as a list keeps of the findings of a package. */
const MOST_FINDINGS = 12;
const MOST_LINES = 8;
const LONGEST = 400;

const CODES = ['package-failed', 'package-unclear'] as const;

/** Letters in no order, which hardly get shorter by compression. */
const letters = (random: Random, length: number): string =>
  String.fromCharCode(...Array.from({ length }, () => 33 + Math.floor(random.next() * 94)));

/** @param index of the package */
export function drawTrial(seed: number, index: number): Trial {
  const random = new Random(seed, index);
  const text = (): string => letters(random, Math.ceil(random.next() * LONGEST));
  const finding = (): Finding => ({
    ...{ code: CODES[Math.floor(random.next() * 2)] ?? 'package-failed', part: 'types', cause: 'exit-code' },
    ...{ message: text(), hint: text() },
    evidence: Array.from({ length: Math.floor(random.next() * (MOST_LINES + 1)) }, text),
  });
  const name = `package-${index}@1.${index}.0`;
  const tried: Finding = { ...{ code: 'package-tried', package: name, parts: 3, leftOut: 0 }, message: name };
  const isSound = random.next() < 0.5;
  const count = isSound ? 0 : Math.ceil(random.next() * MOST_FINDINGS);
  return {
    findings: [...Array.from({ length: count }, finding), tried],
    durationMs: Math.round(random.next() * 60_000),
  };
}

/** One whose findings are as many and as long as can be. */
export function longestTrial(index: number): Trial {
  const random = new Random(1, index);
  const text = (): string => letters(random, LONGEST);
  const finding = (): Finding => ({
    ...{ code: 'package-failed', part: 'types', cause: 'exit-code', message: text(), hint: text() },
    evidence: Array.from({ length: MOST_LINES }, text),
  });
  return { findings: Array.from({ length: MOST_FINDINGS }, finding), durationMs: 1 };
}
