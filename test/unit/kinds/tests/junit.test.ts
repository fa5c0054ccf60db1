/** JUnit's XML as real runners have written it, and as somebody would who wishes us ill. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { countTests, showCounts, testPlace, testTitle } from '../../../../src/core/test-results.ts';
import { readJunit } from '../../../../src/kinds/common/tests/junit.ts';
import { isThorough, shareOf } from '../../../rig/thorough.ts';

const FOLDER = resolve(import.meta.dirname, '../../../fixtures/test-results');

async function casesOf(document: string | Buffer) {
  const report = await readJunit(Buffer.isBuffer(document) ? document : Buffer.from(document));
  if (!report.ok) throw new Error(report.error);
  return report.value.cases;
}

async function troubleWith(document: string | Buffer): Promise<string> {
  const report = await readJunit(Buffer.isBuffer(document) ? document : Buffer.from(document));
  return report.ok ? 'none' : report.error;
}

describe.each([
  [
    'pytest-v',
    '4 failed, 7 passed, 2 skipped',
    [
      "pkg.test_more › test_two at pkg/test_more.py:7: assert {'a': 1} == {'a': 2}",
      'test_math › test_subtracts at test_math.py:14: three minus one: assert (3 - 1) == 1',
      'test_math.TestGroup › test_in_class at test_math.py:34: ValueError: out of range',
      'test_math › test_with_fixture at test_math.py:39: failed on setup with "RuntimeError: no database"',
    ],
  ],
  [
    'vitest',
    '3 failed, 4 passed, 2 skipped',
    [
      'a.test.ts › subtracts at a.test.ts:3: three minus one: expected 2 to be 1 // Object.is equality',
      'a.test.ts › group › fails in a group at a.test.ts:8: out of range',
      'c.test.ts at c.test.ts:1: cannot load',
    ],
  ],
  [
    'jest',
    '2 failed, 5 passed, 1 skipped',
    [
      'subtracts at /srv/jest/a.test.js:2: expect(received).toBe(expected) // Object.is equality: expected 1, got 2',
      'group fails in a group at /srv/jest/a.test.js:7: out of range',
    ],
  ],
  [
    'nextest-retry',
    '2 failed, 4 passed',
    [
      'math › tests::errs at undefined: "out of range"',
      "math › tests::subtracts at src/lib.rs:21: thread 'tests::subtracts' (14121) panicked at src/lib.rs:21:9",
    ],
  ],
  [
    'node-new',
    '4 failed, 8 passed, 2 skipped',
    [
      'subtracts at /srv/node/a.test.js:5: Expected values to be strictly equal: 2 !== 1',
      'group › fails in a group at /srv/node/a.test.js:10: out of range',
      'parts › two at /srv/node/a.test.js:15: Expected values to be strictly deep-equal: expected a: 2, got a: 1',
      'c.test.js at /srv/node/c.test.js: test failed',
    ],
  ],
])('what %s writes', (name, counts, failures) => {
  const document = readFileSync(join(FOLDER, `junit-${name}.xml`));

  test('is counted, and the failed tests are told with place and reason', async () => {
    const cases = await casesOf(document);
    expect(showCounts({ counts: countTests(cases), isComplete: true })).toBe(counts);
    const failed = cases.filter(({ outcome }) => outcome === 'failed');
    expect(failed.map((each) => `${testTitle(each)} at ${testPlace(each)}: ${each.message}`)).toEqual(
      failures,
    );
  });
});

const suite = (content: string, attributes = ''): string =>
  `<testsuite name="s"${attributes}>${content}</testsuite>`;

describe('the dialects', () => {
  test.each([
    ['<testcase name="a" time="1.5"/>', { outcome: 'passed', durationMs: 1500 }],
    ['<testcase name="a" time="1,234.5"/>', { durationMs: 1_234_500 }],
    ['<testcase name="a" time="1,5"/>', { durationMs: 1500 }],
    ['<testcase name="a" time="fast"/>', { durationMs: null }],
    ['<testcase name="a"/>', { durationMs: null, suite: 's' }],
    ['<testcase name="a" classname="B" file="b.php" line="7"/>', { suite: 'B', file: 'b.php', line: 7 }],
    ['<testcase name="a" class="B"/>', { suite: 'B' }],
    ['<testcase name="a" status="notrun"/>', { outcome: 'skipped' }],
    ['<testcase name="a" status="run" result="suppressed"/>', { outcome: 'skipped' }],
    ['<testcase name="a"><skipped/></testcase>', { outcome: 'skipped', message: null }],
    ['<testcase name="a"><skipped message="why"/></testcase>', { outcome: 'skipped', message: 'why' }],
    ['<testcase name="a"><error message="no"/></testcase>', { outcome: 'failed', message: 'no' }],
    ['<testcase name="a"><failure/></testcase>', { outcome: 'failed', message: null }],
    ['<testcase name="a"><failure/><skipped/></testcase>', { outcome: 'failed' }],
    ['<testcase name="a"><failure><![CDATA[x < y]]></failure></testcase>', { message: 'x < y' }],
    // Surefire: it has passed when it was tried again; it has failed each time.
    [
      '<testcase name="a"><flakyFailure message="x">y<system-out>z</system-out></flakyFailure></testcase>',
      { outcome: 'passed', output: [] },
    ],
    [
      '<testcase name="a"><failure message="x"/><rerunFailure message="y"/></testcase>',
      { outcome: 'failed', message: 'x' },
    ],
    [
      '<properties><property name="a" value="b"/></properties><testcase name="a"><properties/><system-out>one\ntwo</system-out></testcase>',
      { output: ['one', 'two'] },
    ],
    ['<testsuite name="in"><testcase name="a"/></testsuite>', { suite: 's › in' }],
    [
      '<testcase name="a"><system-out><p><error>is what the page says</error></p></system-out></testcase>',
      { outcome: 'passed' },
    ],
  ])('%s', async (content, expected) => {
    expect(await casesOf(suite(content))).toMatchObject([{ name: 'a', ...expected }]);
  });

  test('of a stack in Java the frame of the test counts, and not that of a library', async () => {
    const stack =
      'java.lang.AssertionError: expected 1\n\tat org.junit.Assert.fail(Assert.java:89)\n\tat com.acme.CartTest.adds(CartTest.java:12)';
    const content = `<testcase name="adds" classname="com.acme.CartTest"><failure>${stack}</failure></testcase>`;
    expect(await casesOf(suite(content))).toMatchObject([{ file: 'CartTest.java', line: 12 }]);
  });

  test.each([
    ['<testcase name="a" status="failed"/>', [], { outcome: 'failed', message: null }],
    ['<testcase name="a" status="run" result="failure"/>', [], { outcome: 'failed' }],
    [
      '<j:testcase xmlns:j="x" name="a"><j:failure message="no"/></j:testcase>',
      [],
      { outcome: 'failed', message: 'no' },
    ],
    [
      '<testcase name="a"/><error message="no database">at x.py:3</error>',
      [{ name: 'a', outcome: 'passed' }],
      { name: 'the whole suite', suite: 's', outcome: 'failed', message: 'no database', line: 3 },
    ],
    ['<testsuite><failure/></testsuite>', [], { name: 'the whole suite', suite: 's', outcome: 'failed' }],
    ['<testcase name="a"><Failure Message="no"/></testcase>', [], { outcome: 'failed', message: 'no' }],
    ['<TestCase Name="a"><ERROR>no</ERROR></TestCase>', [], { outcome: 'failed', message: 'no' }],
    [
      '<testcase name="a"><steps><step><failure>no</failure></step></steps></testcase>',
      [],
      { message: 'no' },
    ],
    [
      '<testcase name="a"><testcase name="b"/><failure/></testcase>',
      [{ name: 'b', outcome: 'passed' }],
      { name: 'a', outcome: 'failed' },
    ],
  ])('%s tells of a failure', async (content, others, expected) => {
    expect(await casesOf(suite(content))).toMatchObject([...others, expected]);
  });
});

describe('how many failed', () => {
  const CASE = '<testcase name="a"/>';
  const FAILED = '<testcase name="a"><failure/></testcase>';
  const TODO = '<testcase name="a"><skipped type="todo"/><failure/></testcase>';
  const inner = suite(CASE, ' failures="1" errors="1"');

  test.each([
    ['no sums', suite(CASE), 0],
    ['sums of the inner suites', `<testsuites>${inner}${inner}</testsuites>`, 4],
    ['a sum of the whole', `<testsuites failures="5">${inner}${inner}</testsuites>`, 5],
    ['inner suites that know of more', `<testsuites failures="3">${inner}${inner}</testsuites>`, 4],
    ['a suite deep within others', suite(suite(inner, ' failures="0"')), 2],
    [
      'one suite that hides what another tells',
      `<testsuites>${suite(FAILED + FAILED)}${inner}</testsuites>`,
      4,
    ],
    ['sums that agree', `<testsuites failures="1">${suite(FAILED, ' failures="1"')}</testsuites>`, 1],
    ['a failure that is allowed', `<testsuites>${suite(TODO, ' failures="1"')}</testsuites>`, 0],
    ['a suite that failed as a whole', suite(`${CASE}<error/>`, ' errors="1"'), 1],
    ['a sum that says nothing', suite(CASE, ' failures="" errors=" 1 "'), 1],
    ['a sum below zero', suite(CASE, ' failures="-3"'), 'failures="-3" is no number of tests'],
    ['two sums in one', suite(CASE, ' failures="1" errors="-1"'), 'errors="-1" is no number of tests'],
    ['a sum without end', suite(CASE, ' failures="1e400"'), 'failures="1e400" is no number of tests'],
    ['half a test', suite(CASE, ' FAILURES="0.5"'), 'failures="0.5" is no number of tests'],
    ['a sum in words', suite(CASE, ' errors="none"'), 'errors="none" is no number of tests'],
  ])('%s', async (_, document, failed) => {
    const report = await readJunit(Buffer.from(document));
    expect(report.ok ? report.value.saysFailed : report.error).toBe(failed);
  });
});

describe('encodings', () => {
  const document = (encoding: string): string =>
    `<?xml version="1.0" encoding="${encoding}"?>${suite('<testcase name="grün"/>')}`;

  test.each([
    ['UTF-8', Buffer.from(document('UTF-8'))],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${document('UTF-8')}`)],
    ['ISO-8859-1', Buffer.from(document('ISO-8859-1'), 'latin1')],
    ['UTF-16', Buffer.from(`\ufeff${document('UTF-16')}`, 'utf16le')],
  ])('%s', async (_, bytes) => {
    expect(await casesOf(bytes)).toMatchObject([{ name: 'grün' }]);
  });

  test('one that is not known is told', async () => {
    expect(await troubleWith(document('klingon'))).toBe('its encoding klingon is not known');
  });

  test('bytes that are none of it are replaced', async () => {
    const bytes = Buffer.concat([
      Buffer.from('<testsuite><testcase name="a'),
      Buffer.from([0xff, 0x1b]),
      Buffer.from('"/></testsuite>'),
    ]);
    expect(await casesOf(bytes)).toMatchObject([{ name: 'a\ufffd\u001b' }]);
  });
});

describe('what wishes us ill', () => {
  test('entities that a document declares are not expanded, and nothing is fetched', async () => {
    const laughs = `<!DOCTYPE t [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>${suite('<testcase name="&b;"/>')}`;
    expect(await troubleWith(laughs)).toMatch(/^line 1: Invalid character entity/);
    const file = `<!DOCTYPE t [<!ENTITY a SYSTEM "file:///etc/passwd">]>${suite('<testcase name="x">&a;</testcase>')}`;
    expect(await troubleWith(file)).toMatch(/^line 1: Invalid character entity/);
    expect(
      await casesOf(`<!DOCTYPE t SYSTEM "file:///etc/passwd">${suite('<testcase name="x"/>')}`),
    ).toHaveLength(1);
  });

  test.each([
    ['<html/>', 'it is no JUnit XML: it begins with <html>'],
    ['', 'it is empty'],
    ['{"tests": 1}', /^line 1: Non-whitespace before first tag/],
    ['<testsuite><testcase name="a">', /^line 1: Unclosed root tag/],
    ['<testsuite><testcase name="a"></testsuite>', /^line 1: Unexpected close tag/],
    ['<a>'.repeat(200), 'it is no JUnit XML: it begins with <a>'],
    [`<testsuite>${'<testsuite>'.repeat(200)}`, 'its elements are nested too deeply'],
  ])('%.40s cannot be read', async (document, why) => {
    const trouble = await troubleWith(document);
    if (typeof why === 'string') expect(trouble).toBe(why);
    else expect(trouble).toMatch(why);
  });

  test('names and texts are kept as they are, and long ones are cut', async () => {
    const name = '&lt;script&gt;]]&gt;&#10;::error::';
    const text = 'x'.repeat(10_000_000);
    const [one] = await casesOf(
      suite(`<testcase name="${name}"><failure message="${text}">${text}</failure></testcase>`),
    );
    expect(one?.name).toBe('<script>]]>\n::error::');
    expect(one?.message?.length).toBe(300);
    expect(JSON.stringify(one).length).toBeLessThan(2000);
  });

  test.each([
    ['&#27;[31m', '\u001b[31m'],
    ['&#x001B;', '\u001b'],
    ['&#0;', '\0'],
    ['&#55357;&#56832;', '😀'],
    ['&#xD83D;&#xde00;', '😀'],
    ['&#128512;&amp;&#65;', '😀&A'],
  ])('%s, which no XML may have, is read', async (text, read) => {
    const [one] = await casesOf(
      suite(`<testcase name="${text}"><system-out>${text}</system-out></testcase>`),
    );
    expect(one).toMatchObject({ name: read, output: [read] });
  });

  test('many parts of a failure cost no more than those of what is ignored', async () => {
    const costOf = async (element: string): Promise<number> => {
      const parts = '<![CDATA[a]]>'.repeat(200_000);
      const before = process.cpuUsage();
      await casesOf(suite(`<testcase name="a"><${element}>${parts}</${element}></testcase>`));
      return process.cpuUsage(before).user;
    };
    const ignored = await costOf('properties');
    expect((await costOf('failure')) / ignored).toBeLessThan(4);
  });

  test('of a long one no more is read once there is no time left', async () => {
    const long = Buffer.from(suite('<testcase name="a"/>'.repeat(50_000)));
    const late = await readJunit(long, AbortSignal.abort());
    expect(late).toEqual({ ok: false, error: 'there was no time left to read it' });
  });

  test('many tests are read', async () => {
    const many = shareOf(100_000);
    const cases = await casesOf(suite('<testcase name="a" classname="b" time="0.1"/>'.repeat(many)));
    expect(cases).toHaveLength(many);
  });

  test.runIf(isThorough)('more tests than anybody has are not told', async () => {
    expect(await troubleWith(suite('<testcase name="a"/>'.repeat(200_002)))).toBe(
      'it has more than 200000 tests',
    );
  });
});

test.each([
  // [name of the report, of the suite, class and name of the test, title]
  ['jest tests', 'group', 'group deeper', 'works', 'group deeper works'],
  ['jest tests', 'group', 'group › deeper', 'works', 'group deeper works'],
  ['jest tests', 'group', 'group deeper', 'group deeper works', 'group deeper works'],
  ['jest tests', 'undefined', '', 'works', 'works'],
  ['jest tests', 'group', 'src/a.test.js', 'group works', 'src/a.test.js › group works'],
  ['mine', 'group', 'group deeper', 'works', 'group deeper › works'],
  ['mine', 'src/a.test.ts', 'src/a.test.ts', 'group > works', 'src/a.test.ts › group › works'],
  ['vitest tests', 'a.test.ts', 'other', 'group > works', 'other › group > works'],
  ['vitest tests', 'a.test.ts', 'a.test.ts', 'a.test.ts', 'a.test.ts'],
])('in the report %j and suite %j, a test %j %j is %j', async (report, suite, classname, name, title) => {
  const text = (value: string): string => value.replaceAll('>', '&gt;');
  const read = await readJunit(
    Buffer.from(
      `<testsuites name="${report}"><testsuite name="${suite}"><testcase classname="${classname}" name="${text(name)}"/></testsuite></testsuites>`,
    ),
  );
  expect(read.ok && read.value.cases.map(testTitle)).toEqual([title]);
});
