import { describe, expect, test } from 'vitest';
import type { Finding, FindingCode } from '../../../src/core/finding.ts';
import {
  EXIT_CODES,
  EXIT_USAGE,
  foldVerdicts,
  SIGNAL_EXIT_CODES,
  type Verdict,
} from '../../../src/core/verdict.ts';
import { verdictOf } from '../../../src/kinds/index.ts';
import fc from '../../rig/fast-check.ts';

/** What each finding means for a component, written down apart from the code. */
const MEANS: Readonly<Record<FindingCode, 'passed' | 'failed' | 'inconclusive'>> = {
  'exit-code': 'failed',
  'forbidden-output': 'failed',
  'missing-output': 'failed',
  flaky: 'failed',
  'slow-pattern': 'inconclusive',
  'missing-program': 'failed',
  'cannot-start': 'failed',
  timeout: 'failed',
  'not-ready': 'failed',
  'service-died': 'failed',
  'port-taken': 'failed',
  'port-blocked': 'inconclusive',
  'foreign-listener': 'failed',
  'port-still-open': 'failed',
  'fault-unused': 'inconclusive',
  'sdist-differs': 'failed',
  'unbuildable-sdist': 'failed',
  'sdist-unbuilt': 'passed',
  'sdist-untried': 'inconclusive',
  'too-many-modules': 'failed',
  'unresolvable-extra': 'failed',
  'extra-elsewhere': 'passed',
  'extras-untried': 'inconclusive',
  'undeclared-name': 'failed',
  'unexported-name': 'failed',
  'missing-name': 'failed',
  'wrong-signature': 'failed',
  'refused-declarations': 'failed',
  'undeclared-module': 'passed',
  'stub-differs': 'passed',
  'examples-left-out': 'passed',
  'no-examples': 'passed',
  'missing-license': 'failed',
  unlicensed: 'passed',
  'build-paths': 'failed',
  'unstable-abi': 'failed',
  unstripped: 'passed',
  'wheel-profile': 'passed',
  'missing-shard': 'inconclusive',
  'doubled-shard': 'inconclusive',
  'foreign-shard': 'inconclusive',
  'broken-shard': 'inconclusive',
  'leaked-process': 'failed',
  'no-engine': 'failed',
  'no-image': 'failed',
  'build-failed': 'failed',
  'compose-failed': 'failed',
  'container-left': 'failed',
  'setup-failed': 'failed',
  'undo-failed': 'failed',
  'teardown-failed': 'failed',
  undone: 'passed',
  'undo-left': 'passed',
  'undo-waited': 'passed',
  'cached-tests': 'passed',
  'untold-tests': 'passed',
  'setup-waited': 'passed',
  'unknown-secret': 'passed',
  'zero-work': 'failed',
  'failed-tests': 'failed',
  'stale-results': 'failed',
  'missing-results': 'failed',
  'unreadable-results': 'inconclusive',
  'unexpected-response': 'failed',
  'users-locked-out': 'failed',
  'protocol-error': 'failed',
  'request-failed': 'failed',
  'steps-broken': 'failed',
  'channel-trouble': 'failed',
  threshold: 'failed',
  'failures-not-saved': 'passed',
  'request-lost': 'failed',
  'not-drained': 'failed',
  'not-restarted': 'failed',
  'connection-kept': 'failed',
  'drain-unproven': 'inconclusive',
  'request-crossed': 'passed',
  'backlog-reset': 'passed',
  'no-rate-holds': 'failed',
  'overload-not-survived': 'failed',
  'capacity-unconfirmed': 'inconclusive',
  'generator-saturated': 'passed',
  'saturation-refused': 'inconclusive',
  'agents-refused': 'inconclusive',
  'agents-missing': 'inconclusive',
  'agent-late': 'inconclusive',
  'agent-ended-early': 'inconclusive',
  'result-shortened': 'passed',
  'thread-crash': 'failed',
  'thread-hang': 'failed',
  'thread-load': 'failed',
  'wrong-result': 'failed',
  'memory-leak': 'failed',
  'cannot-load': 'failed',
  'gil-enabled': 'failed',
  'lost-error': 'failed',
  'not-repeatable': 'passed',
  'nothing-compared': 'inconclusive',
  'control-failed': 'inconclusive',
  'preset-not-in-force': 'inconclusive',
  'ended-early': 'inconclusive',
  'init-failed': 'failed',
  'init-hang': 'failed',
  'init-unsupported': 'passed',
  'init-warning': 'passed',
  'two-instances': 'passed',
  'singleton-differs': 'failed',
  'cold-start': 'failed',
  'cold-start-undecided': 'inconclusive',
  'denied-module': 'failed',
  'start-profile': 'passed',
  'threshold-undecided': 'inconclusive',
  'machine-trouble': 'inconclusive',
  'internal-error': 'failed',
  interrupted: 'inconclusive',
  killed: 'passed',
  'stop-failed': 'passed',
  swept: 'passed',
  'not-believed': 'passed',
  'runs-left': 'passed',
  'memory-unwatched': 'passed',
  'log-incomplete': 'passed',
  'unsupported-node': 'inconclusive',
  'missing-file': 'failed',
  'unloadable-entry': 'failed',
  'record-mismatch': 'failed',
  'wrong-tag': 'failed',
  'stray-module': 'failed',
  'loose-files': 'passed',
  'unmarked-types': 'passed',
  'needs-extra': 'passed',
  'entries-left-out': 'passed',
  'entries-untried': 'inconclusive',
  'other-runtime': 'inconclusive',
  'missing-export': 'failed',
  'unimportable-export': 'failed',
  'wrong-default': 'failed',
  'undeclared-export': 'passed',
  'forms-differ': 'passed',
  'module-format': 'passed',
  'unresolved-types': 'failed',
  untyped: 'passed',
  'third-party-types': 'passed',
  'breaking-change': 'failed',
  'added-in-patch': 'passed',
  'not-compared': 'passed',
  'since-release': 'passed',
  'type-error': 'failed',
  'foreign-type-error': 'passed',
  'accepted-misuse': 'failed',
  blind: 'failed',
  'wrong-reason': 'failed',
  'not-reached': 'inconclusive',
  unproved: 'passed',
  'ignored-fault': 'passed',
  'needless-ignore': 'passed',
  'instrument-disturbs': 'inconclusive',
  'nothing-to-sabotage': 'inconclusive',
  'unknown-fault': 'inconclusive',
  'not-tried': 'inconclusive',
  'package-failed': 'failed',
  'package-unclear': 'inconclusive',
  'package-untried': 'inconclusive',
  'package-tried': 'passed',
  'package-agent': 'passed',
  'no-compiler': 'inconclusive',
};
const CODES = Object.keys(MEANS) as FindingCode[];

/** Only the code of a finding matters to the verdict. */
const withCode = (code: FindingCode): Finding => ({ code, message: code }) as Finding;

describe('the verdict of a component', () => {
  test.each(CODES)('with one finding: %s', (code) => {
    expect(verdictOf([withCode(code)])).toBe(MEANS[code]);
  });

  test('without findings is passed', () => {
    expect(verdictOf([])).toBe('passed');
  });

  test('is the worst of its findings, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...CODES), { maxLength: 6 }), (codes) => {
        const meanings = codes.map((code) => MEANS[code]);
        const worst =
          (['failed', 'inconclusive'] as const).find((each) => meanings.includes(each)) ?? 'passed';
        expect(verdictOf(codes.map(withCode))).toBe(worst);
      }),
    );
  });
});

describe('the verdict of a run', () => {
  test('is never green when nothing passed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<Verdict>('passed', 'failed', 'inconclusive', 'skipped'), { maxLength: 6 }),
        (verdicts) => {
          const verdict = foldVerdicts(verdicts);
          if (verdicts.some((each) => each === 'failed')) expect(verdict).toBe('failed');
          else if (verdicts.some((each) => each === 'inconclusive')) expect(verdict).toBe('inconclusive');
          else if (verdicts.every((each) => each === 'skipped')) expect(verdict).toBe('skipped');
          else expect(verdict).toBe('passed');
        },
      ),
    );
  });
});

test('the exit codes are those that are promised', () => {
  expect(EXIT_CODES).toEqual({ passed: 0, failed: 1, inconclusive: 3, skipped: 4 });
  expect(EXIT_USAGE).toBe(2);
  expect(SIGNAL_EXIT_CODES).toEqual({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 });
});
