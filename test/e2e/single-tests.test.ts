/** The single tests of real runners, as far as they are installed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { showCounts, testPlace, testTitle } from '../../src/core/test-results.ts';
import { type JsonComponent, Rig, TOOLS } from '../rig/rig.ts';
import { componentOf } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

const works = (...argv: [string, ...string[]]): boolean => spawnSync(argv[0], argv.slice(1)).status === 0;

const IN_NODE = `const { test } = require('node:test');
test('adds', () => {});
test('halves', () => { throw new Error('3 is not 2'); });
test('later', { skip: true }, () => {});
`;
const IN_PYTHON = `import unittest


class Math(unittest.TestCase):
    def test_adds(self):
        pass

    def test_halves(self):
        raise ValueError("3 is not 2")

    @unittest.skip("later")
    def test_later(self):
        pass
`;
const IN_VITEST = `
test('adds', () => {});
test('halves', () => { throw new Error('3 is not 2'); });
test.skip('later', () => {});
`;
const IN_GO = `package math

import "testing"

func TestAdds(t *testing.T) {}
func TestHalves(t *testing.T) { t.Error("3 is not 2") }
func TestLater(t *testing.T) { t.Skip("later") }
`;
const IN_RUST = `#[test]
fn adds() {}
#[test]
fn halves() { assert!(false, "3 is not 2"); }
#[test]
#[ignore]
fn later() {}
`;

interface Runner {
  readonly run: string;
  readonly results?: string;
  /** The failed test and its place, as they are told. */
  readonly failed: string;
  readonly format: string;
}

const NODE_FAILED = 'halves at math.test.js:3';
const PYTHON_FAILED = 'test_math.Math › test_halves at test_math.py:9';

/** All have one test that passes, one that fails and one that is skipped. */
const RUNNERS: Readonly<Record<string, Runner>> = {
  spec: { run: 'node --test --test-reporter=spec math.test.js', failed: NODE_FAILED, format: 'node' },
  tap: { run: 'node --test --test-reporter=tap math.test.js', failed: NODE_FAILED, format: 'node' },
  junit: {
    run: 'node --test --test-reporter=junit --test-reporter-destination=junit.xml math.test.js || true',
    results: 'junit.xml',
    failed: NODE_FAILED,
    format: 'junit',
  },
  unittest: { run: 'python3 -m unittest test_math', failed: PYTHON_FAILED, format: 'unittest' },
  verbose: { run: 'python3 -m unittest -v test_math', failed: PYTHON_FAILED, format: 'unittest' },
  vitest: {
    run: `${join(TOOLS, 'vitest')} run --root vt --globals --reporter=json`,
    failed: 'vt/math.test.ts › halves at vt/math.test.ts:3',
    format: 'vitest',
  },
  ...(works('python3', '-c', 'import pytest')
    ? {
        pytest: {
          run: 'python3 -m pytest -p no:cacheprovider test_math.py',
          failed: 'test_math.py › Math › test_halves at test_math.py:9',
          format: 'pytest',
        },
      }
    : {}),
  ...(isThorough && works('go', 'version')
    ? {
        go: {
          run: 'go test -count=1 -v ./gomath',
          failed: 'example.com/math/gomath › TestHalves at math_test.go:6',
          format: 'go',
        },
      }
    : {}),
  ...(isThorough && works('cargo', '--version')
    ? {
        cargo: {
          run: 'cargo test --offline --manifest-path rs/Cargo.toml',
          failed: 'src/lib.rs › halves at src/lib.rs:4',
          format: 'cargo',
        },
      }
    : {}),
};

const failedOf = ({ tests }: JsonComponent): string[] =>
  (tests?.cases ?? [])
    .filter(({ outcome }) => outcome === 'failed')
    .map((each) => `${testTitle(each)} at ${testPlace(each)}`);

test('real runners are understood, by what they print and by the results that they leave', async () => {
  await using rig = await Rig.create();
  rig.write('math.test.js', IN_NODE);
  rig.write('test_math.py', IN_PYTHON);
  rig.write('vt/math.test.ts', IN_VITEST);
  rig.write('go.mod', 'module example.com/math\n\ngo 1.20\n');
  rig.write('gomath/math_test.go', IN_GO);
  rig.write('rs/src/lib.rs', IN_RUST);
  rig.write('rs/Cargo.toml', '[package]\nname = "math"\nversion = "0.1.0"\nedition = "2021"\n');
  const components = Object.fromEntries(
    Object.entries(RUNNERS).map(([name, { run, results }]) => [
      name,
      { kind: 'command', run, ...(results === undefined ? {} : { results }) },
    ]),
  );
  // What is left of an earlier run, and nobody writes.
  rig.write('old.xml', '<testsuite name="s"><testcase name="a"/></testsuite>');
  const stale = { kind: 'command', run: 'true', results: 'old.xml' };
  rig.config({ components: { ...components, stale } });
  const { code, stdout } = await rig.run([
    '--keep-going',
    '--report',
    'json=report.json',
    '--report',
    'terminal',
  ]);
  expect(code).toBe(1);
  const report = rig.report();
  for (const [name, { failed, format }] of Object.entries(RUNNERS)) {
    const component = componentOf(report, name);
    expect(component.tests?.format, name).toBe(format);
    expect(component.tests === undefined ? '' : showCounts(component.tests), name).toBe(
      '1 failed, 1 passed, 1 skipped',
    );
    expect(failedOf(component), name).toEqual([failed]);
    const [cause] = component.findings;
    expect(cause?.code, name).toBe(name === 'junit' ? 'failed-tests' : 'exit-code');
    expect(cause?.message, name).toContain(`1 of 3 tests failed: ${failed}: `);
    expect(cause?.message, name).toContain('3 is not 2');
  }
  expect(componentOf(report, 'stale').findings.map((finding) => finding.code)).toEqual(['stale-results']);
  expect(stdout).toContain('tests: 1 failed, 1 passed, 1 skipped');
}, 120_000);
