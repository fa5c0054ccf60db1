/**
 * Hostile texts in every field of a run × every output. Each output is read by a parser of its own kind, must have the
 * structure that it has with harmless words, and must hold the text as text. No secret is in any.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { type DefaultTreeAdapterTypes as Html, parse, parseFragment } from 'parse5';
import { beforeAll, describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import type { RunEvent, Stamped } from '../../../src/core/event.ts';
import { asLine, visible, visibleAll } from '../../../src/core/harmless.ts';
import { secrets } from '../../../src/core/secrets.ts';
import type { TestResults } from '../../../src/core/test-results.ts';
import { CommandGuard } from '../../../src/core/workflow-command.ts';
import { annotationsOf } from '../../../src/report/github/annotations.ts';
import { summaryOf } from '../../../src/report/github/summary.ts';
import { gitlabReport } from '../../../src/report/gitlab.ts';
import { recordHtml } from '../../../src/report/html/recorder.ts';
import { jsonReport } from '../../../src/report/json.ts';
import { junitReport } from '../../../src/report/junit.ts';
import { ndjsonReport } from '../../../src/report/ndjson.ts';
import { type Locator, problemsOf } from '../../../src/report/problems.ts';
import { advance, INITIAL_STATE, type RunState } from '../../../src/report/state.ts';
import { detailLines } from '../../../src/report/terminal/detail-lines.ts';
import { frameOf } from '../../../src/report/terminal/frame.ts';
import { linesOf, stillRunning } from '../../../src/report/terminal/lines.ts';
import { createPaint } from '../../../src/text/paint.ts';
import fc from '../../rig/fast-check.ts';
import { isThorough } from '../../rig/thorough.ts';
import { obeyedIn } from '../../rig/workflow-runner.ts';
import { TROUBLED, windowOf } from '../load/results.ts';
import { poison } from './poison.ts';
import * as samples from './runs.ts';
import { type Element, parseXml } from './xml.ts';

const CANARY = 'k4Zq9vT2mX7wR1pL8sYb';
beforeAll(() => secrets.learn({ env: { HOSTILE_TEST_TOKEN: CANARY } }));

const NASTY = {
  words: 'plain words',
  script: '</script><script>alert(1)</script><img src=x onerror=alert(1)>',
  'end of a document': '--></pre></title></style></textarea></table></body></html>',
  'end of data': ']]> <![CDATA[ x ]]> &amp; &lt; &#0; &bogus; <?xml?> <!DOCTYPE a [<!ENTITY b "c">]>',
  quotes: `' " \` '" onload="x" {{x}} \${x}`,
  'control characters': 'a\0b\x01\x07\b\v\f\x1f\x7f\x80\x85\x9f',
  'escape sequences': '\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b]52;c;cm0=\x07\x9b2J\x1b[H\x1bc',
  'a link of a terminal': '\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\',
  direction: '\u202eevil\u202c \u2066x\u2069 \u200f\u061c',
  'half characters': '\ud800 x \udfff \ud83d',
  'no characters': '\ufffe \uffff \ufdd0 \u{1fffe}',
  tags: 'a\u{e0041}\u{e007f}b \ufff9',
  'line breaks': 'one\ntwo\r\nthree\rfour\u2028five\u2029six\x85seven',
  'a command': '::error file=a.ts::pwned',
  'a command after space': ' \t\u00a0::stop-commands::x',
  'commands of old': '##[error]pwned ##[group]x ##vso[task.setvariable]x #',
  'the data of a command': '%0A::error::pwned%0D%25%3A%2C,title=x,file=y::',
  'a table': '| a | b |\n| --- | --- |\n| c \\| d | e',
  'inline Markdown': '**bold** _it_ ~~no~~ [link](http://evil.example) ![img](x) <http://evil.example> \\',
  'blocks of Markdown': '# h\n- [ ] a\n> q\n1. b\n---\n===\n\tcode\n[a]: http://evil.example\n[^1]: x',
  'what GitHub links': 'http://evil.example www.evil.example a@evil.example @octocat #1 GH-1 :tada: $x$',
  'HTML in Markdown': '<details open><summary>x</summary><a href=x>\n\n</details> <!-- x -->',
  'a backtick': '`x`',
  backticks: '``` ```` ````` text\n`````',
  fence: '`````',
  tildes: '~~~~ text',
  'entities for Markdown': '&nbsp; &#42; &#96; &copy',
  'a place': '  File "tests/a,b::c%0A.py", line 3, in f at x (a\u202eb.ts:1:2)',
  JSON: '{"a": 1} \\u0041 \\" [,',
  'names of objects': '__proto__ constructor toString',
  'a long line': `${'x'.repeat(3000)} ${'`'.repeat(300)} ${'<b>|'.repeat(200)}`,
} as const;

/** Names of things: what a text at their beginning would make something else of. */
const NAMES =
  /^(?:component|components|name|step|shared|service|of|suite|root|runDir|cwd|file|dir|logFile|startTicks|run|row|rows|column|columns|fault|subject)$/;

/** Stands for a text with nothing around it. */
const ALONE = 'alone';

/** A text in all fields; with it, a secret. */
const changed =
  (text: string) =>
  (value: string, key: string): string =>
    value === ALONE
      ? text
      : NAMES.test(key)
        ? `${value}${text} ${CANARY}`
        : `${text}${value}${text} ${CANARY}`;

const tests: TestResults = {
  ...{ format: 'pytest', from: 'junit.xml', isComplete: true, left: 0 },
  counts: { passed: 0, failed: 2, skipped: 0 },
  cases: ['adds', 'subtracts'].map((name) => ({
    ...{ name, suite: 'math', outcome: 'failed', durationMs: 1, file: 'test_math.py', line: 3 },
    ...{ message: 'assert 1 == 2', output: ['one', ALONE, 'two'] },
  })),
};

const { version: _, windows: _windows, verdict: _verdict, findings: _findings, ...load } = TROUBLED;

/** Everything that a component can tell, in one that has failed. */
const RICH: readonly RunEvent[] = [
  samples.started([{ name: 'http', kind: 'http', cwd: '/srv/app/http' }], {
    source: { type: 'config', file: '/srv/app/shakedown.config.ts' },
    used: [{ name: 'db', url: 'http://localhost:5432' }],
  }),
  { type: 'shared-started', shared: 'cache', kind: 'service', logFile: '/srv/app/cache.log' },
  { type: 'shared-finished', shared: 'cache', outcome: 'failed', durationMs: 3, findings: [samples.EXIT] },
  ...samples.begin('http', 'http'),
  samples.ready('http', 'server', 8001, 12),
  { type: 'load-window', component: 'http', step: 'client', window: windowOf(0), limitMs: 30_000 },
  { type: 'load-finished', component: 'http', step: 'client', load },
  { type: 'tests-finished', component: 'http', attempt: 1, tests },
  samples.gridOf('http', 'threads'),
  ...samples.step('http', 'client', 1),
  samples.found('http', { ...samples.EXIT, evidence: ['one', ALONE, 'two'] }),
  samples.found('http', samples.CRASH),
  samples.end('http', 'failed'),
  samples.finished('failed', 1),
];

const RUNS: Readonly<Record<string, readonly RunEvent[]>> = {
  RICH,
  FAILED: samples.FAILED,
  FLAKY: samples.FLAKY,
  SETUP_FAILED: samples.SETUP_FAILED,
  REFUSED: samples.REFUSED,
  STUCK: samples.STUCK,
  PROOF: samples.PROOF,
};

const LOCATOR: Locator = {
  find: () => undefined,
  origin: () => ({ file: 'shakedown.config.ts', line: 3 }),
};

const foldAll = (events: readonly Stamped[]): RunState => events.reduce(advance, INITIAL_STATE);

/** What an output is made of besides texts, and its texts. */
interface Reading {
  readonly structure: unknown;
  readonly text: string;
}

interface Output {
  readonly write: (events: readonly Stamped[]) => string | Promise<string>;
  readonly read: (output: string) => Reading;
  /** How a text is shown in it. */
  readonly shows?: (text: string) => string;
}

/** The shape of data, with the number of entries. */
const shapeOf = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(shapeOf)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [visible(key), shapeOf(each)]))
      : typeof value;

const textsIn = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];

/** The elements of a tree, without those that only hold a piece of coloured text. */
function htmlOf(node: Html.Node): { tags: unknown; text: string } {
  if (node.nodeName === '#text') return { tags: undefined, text: (node as Html.TextNode).value };
  const inner = ('childNodes' in node ? node.childNodes : []).map(htmlOf);
  const attributes = 'attrs' in node ? node.attrs : [];
  const tags = inner.flatMap((each) => (each.tags === undefined ? [] : [each.tags]));
  return {
    tags: [node.nodeName, ...attributes.map(({ name }) => name), ...tags],
    text: [...inner.map(({ text }) => text), ...attributes.map(({ value }) => `\n${value}`)].join(''),
  };
}

const xmlOf = ({ name, attributes, children, text }: Element): { tags: unknown; text: string } => {
  const inner = children.map(xmlOf);
  return {
    tags: [name, ...Object.keys(attributes), ...inner.map(({ tags }) => tags)],
    text: [text, ...Object.values(attributes), ...inner.map((each) => each.text)].join('\n'),
  };
};

const CODE_QUALITY = new Ajv2020().compile({
  type: 'array',
  items: {
    required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
    properties: {
      description: { type: 'string' },
      location: { properties: { path: { type: 'string', pattern: '^[^/]' } } },
    },
  },
});

const plain = createPaint(false);

function terminal(events: readonly Stamped[]): string {
  let state = INITIAL_STATE;
  const all: string[] = [];
  for (const raw of events) {
    const event = visibleAll(raw);
    state = advance(state, event);
    const still = stillRunning(state, event.elapsedMs);
    const lines = linesOf(event, state, { paint: plain, cwd: '/srv/app' }).map(asLine);
    all.push(
      ...lines,
      ...detailLines(event, state, plain).map(asLine),
      ...frameOf(state, event.elapsedMs, { rows: 1000, columns: 100_000 }, plain),
      ...(still === undefined ? [] : [still]),
    );
  }
  return all.join('\n');
}

const OUTPUTS: Readonly<Record<string, Output>> = {
  terminal: {
    write: terminal,
    read: (output) => ({ structure: output.split('\n').length, text: output }),
  },
  JUnit: {
    write: (events) => junitReport(foldAll(events)),
    read: (output) => {
      const { tags, text } = xmlOf(parseXml(output));
      return { structure: tags, text };
    },
    // XML has no place for these two.
    shows: (text) => visible(text).replace(/[\ufffe\uffff]/g, '\ufffd'),
  },
  JSON: {
    write: (events) => jsonReport(foldAll(events)),
    read: (output) => {
      const data: unknown = JSON.parse(output);
      return { structure: shapeOf(data), text: textsIn(data).join('\n') };
    },
    shows: (text) => text,
  },
  NDJSON: {
    write: (events) => events.map(ndjsonReport).join(''),
    read: (output) => {
      const lines = output.trimEnd().split('\n');
      const data = lines.map((line): unknown => JSON.parse(line));
      return { structure: data.map(shapeOf), text: data.flatMap(textsIn).join('\n') };
    },
    shows: (text) => text,
  },
  HTML: {
    write: (events) => {
      const recorder = recordHtml({ script: () => '', style: () => '' });
      for (const event of events) recorder.take(event);
      return recorder.draw();
    },
    read: (output) => {
      const { tags, text } = htmlOf(parse(output));
      return { structure: tags, text };
    },
  },
  GitHub: {
    write: (events) => annotationsOf(problemsOf(foldAll(events), LOCATOR)).join('\n'),
    read: (output) => {
      const commands = obeyedIn(output);
      // Every line is one of ours.
      expect(output === '' ? 0 : output.split('\n').length).toBe(commands.length);
      const structure = commands.map(({ name, properties }) => [name, ...Object.keys(properties)]);
      return { structure, text: commands.map(({ data }) => data).join('\n') };
    },
  },
  Markdown: {
    write: (events) => {
      const state = foldAll(events);
      const problems = problemsOf(state, LOCATOR);
      return summaryOf(state, { most: 1_000_000, problems, urlOf: () => 'https://example.com/a#L3' });
    },
    read: (output) => {
      const html = micromark(output, {
        allowDangerousHtml: true,
        extensions: [gfm()],
        htmlExtensions: [gfmHtml()],
      });
      const { tags, text } = htmlOf(parseFragment(html));
      return { structure: tags, text };
    },
  },
  GitLab: {
    write: (events) => gitlabReport(problemsOf(foldAll(events), LOCATOR)),
    read: (output) => {
      const data: unknown = JSON.parse(output);
      expect(CODE_QUALITY(data), JSON.stringify(CODE_QUALITY.errors)).toBe(true);
      return { structure: shapeOf(data), text: textsIn(data).join('\n') };
    },
  },
};

/** What all outputs have in common, whatever they are read by. */
function expectHarmless(name: string, output: string): void {
  expect(output).not.toContain(CANARY);
  expect(output.replace(/[\n\t]/g, '')).not.toMatch(
    /[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029\u{e0000}-\u{e007f}]/u,
  );
  if (name !== 'GitHub' && name !== 'Markdown' && name !== 'HTML') {
    // These may go to the log of a step: no line is a command, and the guard has nothing to change.
    expect(obeyedIn(output)).toEqual([]);
    expect(new CommandGuard().pass(output)).toBe(output);
  }
}

async function readWith(name: string, run: readonly RunEvent[], text: string): Promise<Reading> {
  const { write, read } = OUTPUTS[name] as Output;
  const output = await write(samples.stamp(run).map((event) => poison(event, changed(text))));
  expectHarmless(name, output);
  return read(output);
}

const LONGEST_SHOWN = 200;

/** What each output makes of each run with harmless words: what all others are held against. */
const HARMLESS = new Map<string, ReadonlyMap<readonly RunEvent[], Reading>>();
beforeAll(async () => {
  for (const name of Object.keys(OUTPUTS)) {
    const readings = new Map<readonly RunEvent[], Reading>();
    for (const run of Object.values(RUNS)) readings.set(run, await readWith(name, run, NASTY.words));
    HARMLESS.set(name, readings);
  }
});

async function expectText(name: string, run: readonly RunEvent[], text: string): Promise<void> {
  const shows = OUTPUTS[name]?.shows ?? visible;
  const benign = HARMLESS.get(name)?.get(run) as Reading;
  const hostile = await readWith(name, run, text);
  expect(hostile.structure).toEqual(benign.structure);
  if (text.length > LONGEST_SHOWN || !benign.text.includes(NASTY.words)) return;
  expect(hostile.text).toContain(shows(text));
}

for (const name of Object.keys(OUTPUTS))
  describe(name, () => {
    test.each(Object.entries(NASTY))('shows as text: %s', async (_, text) => {
      for (const run of Object.values(RUNS)) await expectText(name, run, text);
    });

    test('and whatever is made of these', async () => {
      const pieces = fc.constantFrom(...Object.values(NASTY).filter(({ length }) => length < LONGEST_SHOWN));
      const mixed = fc
        .array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 10 })), { minLength: 1, maxLength: 3 })
        .map((parts) => parts.join(''));
      const numRuns = isThorough ? 200 : 20;
      await fc.assert(
        fc.asyncProperty(mixed, (text) => expectText(name, RICH, text)),
        { numRuns },
      );
    });
  });

test('every output shows the words of a run', async () => {
  for (const name of Object.keys(OUTPUTS)) {
    const { text } = await readWith(name, RICH, NASTY.words);
    expect(text, name).toContain('the index has 3 rows, 4 were expected');
    expect(text, name).toContain(NASTY.words);
  }
});

test('the JUnit reports are as strict readers take them', async () => {
  const schema = readFileSync(join(import.meta.dirname, 'junit.xsd'), 'utf8');
  const xml = Object.values(RUNS).flatMap((run, at) =>
    Object.values(NASTY).map((text, of) => ({
      fileName: `${at}-${of}.xml`,
      contents: junitReport(foldAll(samples.stamp(run).map((event) => poison(event, changed(text))))),
    })),
  );
  expect((await validateXML({ xml, schema })).errors).toEqual([]);
  const wrong = {
    fileName: 'wrong.xml',
    contents: xml[0]?.contents.replace('<testcase ', '<testcase x="" ') ?? '',
  };
  expect((await validateXML({ xml: [wrong], schema })).valid).toBe(false);
});
