import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/core/event.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { visible } from '../../../src/core/harmless.ts';
import { junitReport } from '../../../src/report/junit.ts';
import fc from '../../rig/fast-check.ts';
import { shareOf } from '../../rig/thorough.ts';
import { obeyedIn } from '../../rig/workflow-runner.ts';
import {
  begin,
  EXIT,
  end,
  FAILED,
  FLAKY,
  finished,
  fold,
  found,
  INTERRUPTED,
  NOTHING_RAN,
  PASSED,
  REFUSED,
  RUNS,
  SETUP_FAILED,
  started,
} from './runs.ts';
import { type Element, isXmlChar, parseXml } from './xml.ts';

const document = (run: readonly RunEvent[]): string => junitReport(fold(run));

function cases(run: readonly RunEvent[]): readonly Element[] {
  const suite = parseXml(document(run)).children[0];
  return suite?.children ?? [];
}

const outcome = (of: Element): string =>
  of.children.map(({ name }) => name).find((name) => /^(?:failure|error|skipped)$/.test(name)) ?? 'passed';

describe('the strict reader of these tests', () => {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';

  test('reads what is well-formed', () => {
    expect(parseXml(`${head}<a b="1 &lt; &#10;2"><c/>x &amp; y\r\n</a>`)).toEqual({
      name: 'a',
      attributes: { b: '1 < \n2' },
      children: [{ name: 'c', attributes: {}, children: [], text: '' }],
      text: 'x & y\n',
    });
  });

  test.each([
    '<a>',
    '<a></b>',
    '<a b=1/>',
    '<a b="<"/>',
    '<a>&x;</a>',
    '<a>& </a>',
    '<a>\u0001</a>',
    '<a>&#1;</a>',
    '<a/><b/>',
    '<a b="1" b="2"/>',
    '<a>]]></a>',
    '',
  ])('refuses %j', (body) => {
    expect(() => parseXml(head + body)).toThrow();
  });
});

describe('the JUnit report', () => {
  test('has a case for each component, setup step and failing note', () => {
    expect(cases(PASSED).map((each) => [each.attributes.name, outcome(each)])).toEqual([
      ['setup: npm ci', 'passed'],
      ['setup: setup', 'passed'],
      ['thread', 'passed'],
      ['http', 'passed'],
      ['typestubs', 'passed'],
      ['init', 'passed'],
    ]);
    expect(cases(FAILED).map((each) => [each.attributes.name, outcome(each)])).toEqual([
      ['thread', 'failure'],
      ['http', 'failure'],
      ['typestubs', 'skipped'],
      ['init', 'skipped'],
      ['leaked-process', 'failure'],
    ]);
    expect(cases(SETUP_FAILED).map((each) => [each.attributes.name, outcome(each)])).toEqual([
      ['setup: npm ci', 'failure'],
      ['thread', 'skipped'],
      ['http', 'skipped'],
    ]);
    expect(cases(INTERRUPTED).map((each) => [each.attributes.name, outcome(each)])).toEqual([
      ['thread', 'error'],
      ['http', 'skipped'],
    ]);
    expect(cases(NOTHING_RAN).map((each) => [each.attributes.name, outcome(each)])).toEqual([
      ['http', 'skipped'],
    ]);
  });

  test('has no line that GitHub would obey, and says the same', () => {
    const evidence = ['::error::pwned', '\t ::stop-commands::x', 'a ##[group]b'];
    const run = [
      started([{ name: 'thread', kind: 'command' }]),
      ...begin('thread'),
      found('thread', { ...EXIT, evidence }),
    ];
    const xml = document([...run, end('thread', 'failed'), finished('failed', 1)]);
    expect(obeyedIn(xml)).toEqual([]);
    expect(parseXml(xml).children[0]?.children[0]?.children[0]?.text).toContain(
      '\n  ::error::pwned\n  \t ::stop-commands::x\n',
    );
  });

  test.each(Object.entries(RUNS))('of %s counts what it holds', (_, run) => {
    const root = parseXml(document(run));
    const outcomes = cases(run).map(outcome);
    const count = (wanted: string): string => String(outcomes.filter((each) => each === wanted).length);
    const totals = {
      tests: String(outcomes.length),
      failures: count('failure'),
      errors: count('error'),
    };
    expect(root.name).toBe('testsuites');
    expect(root.attributes).toMatchObject(totals);
    expect(root.children.map(({ name }) => name)).toEqual(['testsuite']);
    expect(root.children[0]?.attributes).toMatchObject({
      ...totals,
      ...{ name: 'integration', skipped: count('skipped') },
    });
    for (const each of cases(run)) {
      expect(each.name).toBe('testcase');
      expect(each.attributes.classname).toBe('integration');
      expect(each.attributes.time).toMatch(/^\d+\.\d{3}$/);
    }
  });

  test('says in a failure what a person needs: cause, evidence, next step', () => {
    const [thread] = cases(FAILED);
    const [failure] = thread?.children ?? [];
    expect(failure?.attributes.message).toBe(
      'thread has ended and left 1 process behind: sleep 30 (pid 4713)',
    );
    expect(failure?.text.split('\n')).toEqual([
      'leaked-process: thread has ended and left 1 process behind: sleep 30 (pid 4713)',
      '  they were stopped; a script must stop, or wait for, what it starts',
      'forbidden-output: thread printed 450,000 Python tracebacks, although it did not fail: AssertionError: wrong sum',
      '  Traceback (most recent call last):',
      '  AssertionError: wrong sum',
      '  … and 449,999 more like it',
      '  an exit code of 0 is not trusted alone',
    ]);
  });

  test('keeps what went wrong before a pass, and passes', () => {
    const [http] = cases(FLAKY);
    expect(http && outcome(http)).toBe('passed');
    const [flaky, output] = http?.children ?? [];
    expect(flaky).toMatchObject({
      name: 'flakyFailure',
      attributes: { type: 'exit-code', message: EXIT.message },
      text: expect.stringContaining('\n  the index has 3 rows'),
    });
    expect(output).toMatchObject({ name: 'system-out', text: flaky?.text });
  });

  test('says of a flaky component that was to fail what had failed before', () => {
    const message = 'http passed on attempt 2, and failed before: client exited with code 1';
    const run = [
      ...FLAKY.slice(0, -2),
      found('http', { code: 'flaky', message }, 2),
      end('http', 'failed', { flaky: true, attempts: 2 }),
      finished('failed', 1),
    ];
    const [http] = cases(run);
    expect(http?.children).toMatchObject([
      {
        name: 'failure',
        attributes: { message, type: 'flaky' },
        text: expect.stringContaining(EXIT.message),
      },
    ]);
  });

  test('says why something was left out', () => {
    expect(cases(NOTHING_RAN)[0]?.children[0]?.attributes.message).toBe(
      'there is no executable http in integration',
    );
  });
});

/** Any text: letters, markup, control characters, halves of surrogate pairs. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.array(fc.nat({ max: 0xffff }), { maxLength: 6 }).map((codes) => String.fromCharCode(...codes)),
  fc
    .array(
      fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        ']]>',
        '<![CDATA[',
        '&lt;',
        '\n',
        '\r',
        '\r\n',
        '\t',
        '\0',
        '\u001b[31m',
        '\ud800',
        '\udfff',
        '\ufffe',
        '😀',
        ' ',
        'x',
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('')),
);

interface Texts {
  readonly suite: string;
  readonly name: string;
  readonly message: string;
  readonly evidence: string;
  readonly reason: string;
  readonly step: string;
}

const texts: fc.Arbitrary<Texts> = fc.record({
  suite: anyText,
  name: anyText,
  message: anyText,
  evidence: anyText,
  reason: anyText,
  step: anyText,
});

const run = ({ suite, name, message, evidence, reason, step }: Texts): RunEvent[] => [
  started(
    [
      { name, kind: 'command' },
      { name: 'other', kind: 'command' },
    ],
    { suite },
  ),
  { type: 'setup-started', step },
  { type: 'setup-finished', step, outcome: 'done', durationMs: 1, logFile: null, findings: [] },
  ...begin(name),
  found(name, { code: 'exit-code', message, evidence: [evidence], hint: reason, exitCode: 1, signal: null }),
  end(name, 'failed'),
  { type: 'component-skipped', component: 'other', kind: 'command', reason },
  finished('failed', 1),
];

/** What is shown of a text, as far as XML can carry it. */
const carried = (text: string): string =>
  [...visible(text)].map((char) => (isXmlChar(char.codePointAt(0) ?? 0) ? char : '\ufffd')).join('');

/** What a reader must get back. */
const expected = ({ suite, name, message, evidence, reason, step }: Texts): readonly string[] =>
  [
    suite,
    `setup: ${step}`,
    name,
    message,
    [`exit-code: ${message}`, `  ${evidence}`, `  ${reason}`],
    'other',
    reason,
  ].map((text) => [text].flat().map(carried).join('\n'));

describe('whatever the texts', () => {
  test('the report is well-formed and gives them back', () => {
    fc.assert(
      fc.property(
        texts.filter(({ name }) => name !== 'other'),
        (words) => {
          const [suite] = parseXml(document(run(words))).children;
          const [setup, failed, skipped] = suite?.children ?? [];
          expect([
            suite?.attributes.name,
            setup?.attributes.name,
            failed?.attributes.name,
            failed?.children[0]?.attributes.message,
            failed?.children[0]?.text,
            skipped?.attributes.name,
            skipped?.children[0]?.attributes.message,
          ]).toEqual(expected(words));
        },
      ),
      { numRuns: shareOf(1000) },
    );
  });

  const READER = `
import json, sys, xml.etree.ElementTree as ET
read = []
for document in json.load(sys.stdin):
    suite = ET.fromstring(document.encode("utf-8"))[0]
    setup, failed, skipped = suite
    read.append([suite.get("name"), setup.get("name"), failed.get("name"), failed[0].get("message"),
                 failed[0].text, skipped.get("name"), skipped[0].get("message")])
json.dump(read, sys.stdout)
`;
  const hasPython =
    spawnSync('python3', ['-c', 'import xml.etree.ElementTree'], { timeout: 20_000 }).status === 0;

  test.runIf(hasPython)('another reader of XML says the same of 200 reports', () => {
    const words = fc.sample(
      texts.filter(({ name }) => name !== 'other'),
      200,
    );
    const { stdout, stderr } = spawnSync('python3', ['-c', READER], {
      input: JSON.stringify(words.map((each) => document(run(each)))),
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(words.map(expected));
  });
});

test('a run that was refused has a test case with an error for each mistake', () => {
  const [only, ...more] = cases(REFUSED);
  expect(more).toEqual([]);
  expect(only?.attributes).toMatchObject({ classname: 'shakedown' });
  const [error] = only?.children ?? [];
  expect(error).toMatchObject({ name: 'error', attributes: { message: 'there is no option `prot`' } });
  expect(error?.text).toContain('shakedown.config.json:3:7: there is no option `prot`');
  expect(error?.text).toContain('did you mean `port`?');
});

test('what a service printed meanwhile stands below the message of the client', () => {
  const finding: Finding = { ...EXIT, meanwhile: [{ step: 'server', message: "KeyError: 'rows'" }] };
  const text = document([
    started([{ name: 'http', kind: 'http' }]),
    ...begin('http', 'http'),
    found('http', finding),
    end('http', 'failed'),
  ]);
  expect(text).toContain('meanwhile server printed: KeyError: &apos;rows&apos;'.replaceAll('&apos;', "'"));
});

test('what a run has used without having started it stands before the cases', () => {
  const [first, ...rest] = PASSED;
  if (first?.type !== 'run-started') throw new Error('a run begins with its start');
  const used = [{ name: 'api', url: 'https://staging.test/<v2>' }];
  const suite = parseXml(document([{ ...first, used }, ...rest])).children[0];
  expect(suite?.children[0]).toMatchObject({
    name: 'properties',
    children: [{ name: 'property', attributes: { name: 'used.api', value: 'https://staging.test/<v2>' } }],
  });
  expect(document(PASSED)).not.toContain('properties');
});
