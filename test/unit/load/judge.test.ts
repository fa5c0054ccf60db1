import { expect, test } from 'vitest';
import type { LoadCounts } from '../../../src/core/load.ts';
import { parseThreshold } from '../../../src/core/threshold.ts';
import { judgeLoad } from '../../../src/load/engine/judge.ts';
import type { Fidelity } from '../../../src/load/engine/threshold/bounds.ts';
import { evaluateThreshold } from '../../../src/load/engine/threshold/evaluate.ts';
import { verdictOf } from '../../../src/load/findings.ts';
import { closed, planFor } from './plans.ts';
import { resultOf } from './results.ts';

const NO_FAILURE = { check: 0, connect: 0, tls: 0, 'cut-off': 0, protocol: 0, machine: 0 };

/** A thousand requests, of which so many could not be sent by this machine, and so many had a wrong answer. */
function judged(machine: number, check = 0) {
  const threshold = parseThreshold('errors == 0');
  if (!threshold.ok) throw new Error('no threshold');
  const counts: LoadCounts = {
    ...resultOf().counts,
    completed: 1000 - machine - check,
    failed: machine + check,
    byFailure: { ...NO_FAILURE, machine, check },
  };
  const latencyUs =
    machine === 1000 ? { response: null, service: null, sendLag: null } : resultOf().latencyUs;
  const thresholds = [threshold.value];
  const measured = resultOf({ counts, latencyUs });
  const result = { ...measured, thresholds: thresholds.map((each) => evaluateThreshold(each, measured)) };
  const fidelity: Fidelity = {
    mode: 'closed',
    slots: 1,
    endedByClock: false,
    patienceUs: 1_000_000,
    isLate: false,
    stoodStill: false,
    isOvertime: false,
    hasUsers: false,
  };
  const plan = { ...planFor('http://localhost/', { model: closed(1) }), thresholds };
  return judgeLoad(result, plan, { fidelity, doubts: [], leftOfWarmup: 0, slowPatterns: [] });
}

const codes = (findings: ReturnType<typeof judged>): string[] => findings.map(({ code }) => code);

test('what this machine could not send makes the result inconclusive, bounds on failures included', () => {
  expect(codes(judged(10))).toEqual(['machine-trouble', 'threshold-undecided']);
  expect(verdictOf(judged(10))).toBe('inconclusive');
});

test('also when it could send nothing at all: that is not zero work of the target', () => {
  expect(codes(judged(1000))).toEqual(['machine-trouble', 'threshold-undecided']);
});

test('a wrong answer fails beside it', () => {
  expect(verdictOf(judged(10, 1))).toBe('failed');
});
