/** What a trial shows of a check. */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import type { Reach } from '../../../src/core/proof.ts';
import { PROVE_BY_DEFAULT, type Proving } from '../../../src/core/suite.ts';
import type { Fault, TrialRecord } from '../../../src/kinds/sabotage.ts';
import { excuseOf, findingsOf, isDemanded, judge } from '../../../src/prove/judge.ts';

const EXIT: Finding = {
  code: 'exit-code',
  message: 'client exited with code 1: KeyError',
  exitCode: 1,
  signal: null,
};
const LEAK: Finding = { code: 'leaked-process', message: 'client left 1 process', processes: [], count: 1 };
const TROUBLE: Finding = { code: 'machine-trouble', message: 'the disk is full' };
const NOTE: Finding = { code: 'killed', message: 'it was killed', processes: [], count: 1 };

const MANY: Reach = { changed: 1204, of: 1204, unit: 'answer' };
const NONE: Reach = { changed: 0, of: 20, unit: 'answer' };

const fault = (reach: Reach): Fault => ({
  fault: 'status-500',
  subject: null,
  isDemanded: true,
  sabotage: () => {
    throw new Error('not run here');
  },
  reach: () => reach,
  isNoticed: ({ code }) => code === 'exit-code' || code === 'leaked-process',
  deed: 'every answer was 500',
  checker: 'client',
  advice: 'check the status',
});

const record = (...findings: Finding[]): TrialRecord => ({ findings, events: [], durationMs: 1, folder: '' });
const proving = (parts: Partial<Proving>): Proving => ({ ...PROVE_BY_DEFAULT, ...parts });
test('where a fault that nobody noticed has happened is told', () => {
  const where = ['$.a of GET /', '$.b of GET /', '$.c of GET /', '$.d of GET /'];
  const judgement = judge(fault({ ...MANY, where }), record(), PROVE_BY_DEFAULT);
  expect(judgement?.message).toContain(': $.a of GET /, $.b of GET /, $.c of GET / and 1 more), and');
});

const outcome = (reach: Reach, ...findings: Finding[]): string | undefined =>
  judge(fault(reach), record(...findings), PROVE_BY_DEFAULT)?.outcome;

describe('a trial', () => {
  test('in which the check fails, for the right reason, is a proof', () => {
    expect(judge(fault(MANY), record(EXIT), PROVE_BY_DEFAULT)).toEqual({
      outcome: 'proved',
      noticer: 'check',
      reach: MANY,
      message: EXIT.message,
    });
  });

  test('in which Shakedown alone has noticed is told apart', () => {
    expect(judge(fault(MANY), record(LEAK), PROVE_BY_DEFAULT)).toMatchObject({
      outcome: 'proved',
      noticer: 'shakedown',
    });
  });

  test('in which nothing can be changed says so, and need not be noticed though it is demanded', () => {
    const impossible = 'no result of f could be changed: it gave Widget';
    const judgement = judge(fault({ ...NONE, impossible }), record(), PROVE_BY_DEFAULT);
    expect(judgement).toMatchObject({ outcome: 'not-reached', message: impossible });
    if (judgement === undefined) return;
    const findings = findingsOf(fault(NONE), judgement, 'compare what f gives', {
      isDemanded: true,
      excuse: undefined,
    });
    expect(findings).toEqual([{ code: 'unproved', message: impossible, fault: 'status-500', subject: null }]);
  });

  test('in which all passes is blind, and says how often the fault happened', () => {
    expect(judge(fault(MANY), record(NOTE), PROVE_BY_DEFAULT)).toMatchObject({
      outcome: 'blind',
      message: 'every answer was 500 (1,204 of 1,204), and client passed',
    });
  });

  test('in which the check fails of something else is told as such', () => {
    const other: Finding = { code: 'port-taken', message: 'port 8001 is taken', port: 8001, holder: null };
    expect(judge(fault(MANY), record(other), PROVE_BY_DEFAULT)).toMatchObject({
      outcome: 'wrong-reason',
      message: 'every answer was 500, but: port 8001 is taken',
    });
  });

  test('in which the fault never happened shows nothing, whether it passes or not', () => {
    expect(outcome(NONE)).toBe('not-reached');
    expect(outcome(NONE, EXIT)).toBe('wrong-reason');
  });

  test('of which nothing could be recorded shows nothing, whether it passes or not, and says what to do', () => {
    const unseen = { reason: 'the disk is full', advice: 'free some space' };
    for (const findings of [[], [EXIT]]) {
      const judgement = judge(fault({ ...NONE, unseen }), record(...findings), PROVE_BY_DEFAULT);
      expect(judgement).toMatchObject({ outcome: 'not-reached', message: 'the disk is full' });
      if (judgement === undefined) continue;
      const worth = { isDemanded: true, excuse: undefined };
      expect(findingsOf(fault(NONE), judgement, 'check the status', worth)).toMatchObject([
        { code: 'not-reached', message: 'the disk is full', hint: 'free some space' },
      ]);
    }
  });

  test('that the machine or a bug of ours has spoilt is not judged', () => {
    expect(outcome(MANY, TROUBLE)).toBeUndefined();
    expect(outcome(MANY, { code: 'internal-error', message: 'a bug' }, EXIT)).toBeUndefined();
    expect(outcome(MANY, TROUBLE, EXIT)).toBe('proved');
  });
});

describe('what a component says of its own proof', () => {
  const name = { fault: 'wrong-result', subject: 'loads', isDemanded: false };

  test('names faults by their word, or in full', () => {
    expect(isDemanded(name, proving({ demand: ['wrong-result'] }))).toBe(true);
    expect(isDemanded(name, proving({ demand: ['loads wrong-result'] }))).toBe(true);
    expect(isDemanded(name, proving({ demand: ['dumps wrong-result'] }))).toBe(false);
    expect(excuseOf(name, proving({ ignore: { 'loads wrong-result': 'random' } }))).toBe('random');
    expect(excuseOf(name, proving({ ignore: { raises: 'random' } }))).toBeUndefined();
  });

  test('excuses blindness with a reason, which is shown', () => {
    const judged = judge(fault(MANY), record(), proving({ ignore: { 'status-500': 'no status here' } }));
    expect(judged).toMatchObject({
      outcome: 'ignored',
      message: 'every answer was 500 (1,204 of 1,204), and client passed; ignored: no status here',
    });
  });
});

describe('the findings of a judgement', () => {
  const codes = (
    outcome: 'proved' | 'blind' | 'wrong-reason' | 'not-reached' | 'ignored',
    demanded: boolean,
    excuse?: string,
  ): string[] =>
    findingsOf(fault(MANY), { outcome, noticer: null, reach: MANY, message: 'm' }, 'a hint', {
      isDemanded: demanded,
      excuse,
    }).map(({ code }) => code);

  test('fail it for what must be noticed, and note the rest', () => {
    expect(codes('blind', true)).toEqual(['blind']);
    expect(codes('wrong-reason', true)).toEqual(['wrong-reason']);
    expect(codes('not-reached', true)).toEqual(['not-reached']);
    for (const outcome of ['blind', 'wrong-reason', 'not-reached'] as const)
      expect(codes(outcome, false)).toEqual(['unproved']);
    expect(codes('proved', true)).toEqual([]);
  });

  test('tell of what is ignored, and of what need not be', () => {
    expect(codes('ignored', true, 'why')).toEqual(['ignored-fault']);
    expect(codes('proved', true, 'why')).toEqual(['needless-ignore']);
    expect(codes('not-reached', true, 'why')).toEqual(['unproved']);
  });
});
