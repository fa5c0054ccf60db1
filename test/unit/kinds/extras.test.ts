/** What pip and uv say of extras, and what that means. */
import { expect, test } from 'vitest';
import { plainBase } from '../../../src/consumer/trial.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { ms } from '../../../src/core/units.ts';
import { answerIn } from '../../../src/kinds/extras/answer.ts';
import type { ExtrasComponent } from '../../../src/kinds/extras/component.ts';
import { harmOfExtras } from '../../../src/kinds/extras/harm.ts';
import { runExtras } from '../../../src/kinds/extras/run.ts';
import type { RunDirectory } from '../../../src/store/run-directory.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';

const PIP_CONFLICT = `INFO: pip is looking at multiple versions of lib[both] to determine which version is compatible with other requirements.
ERROR: Cannot install b==1.0 and lib[both]==1.0 because these package versions have conflicting dependencies.

The conflict is caused by:
    lib[both] 1.0 depends on a==1; extra == "both"
    b 1.0 depends on a==2

ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/`;
const PIP_ABSENT = `ERROR: Could not find a version that satisfies the requirement nosuch>=3; extra == "gone" (from lib[gone]) (from versions: none)
ERROR: No matching distribution found for nosuch>=3; extra == "gone"`;
const PIP_BUILD = `  error: subprocess-exited-with-error
  × python setup.py egg_info did not run successfully.
  ╰─> See above for output.
error: metadata-generation-failed`;
const UV_ABSENT = `  × No solution found when resolving dependencies:
  ╰─▶ Because nosuch was not found in the package registry and
      lib[gone]==1.0 depends on nosuch, we can conclude that
      lib[gone]==1.0 cannot be used.`;
const UV_CONFLICT = `  × No solution found when resolving dependencies:
  ╰─▶ Because b==1.0 depends on a==2 and lib[both]==1.0 depends on a==1, we
      can conclude that b==1.0 and lib[both]==1.0 are incompatible.`;
const UV_ELSEWHERE = `  × No solution found when resolving dependencies:
  ╰─▶ Because pywin32 has no wheels with a matching platform tag and
      lib[x]==1.0 depends on pywin32, your requirements are unsatisfiable.`;

test.each([
  [PIP_CONFLICT, 'conflict'],
  [PIP_ABSENT, 'absent'],
  [PIP_BUILD, 'unclear'],
  [UV_ABSENT, 'absent'],
  [UV_CONFLICT, 'conflict'],
  [UV_ELSEWHERE, 'unclear'],
  ['', 'unclear'],
])('%s', (text, type) => {
  expect(answerIn(text.split('\n')).type).toBe(type);
});

test('an extra for authors hurts nobody yet', () => {
  const component = { package: { name: 'lib', pythonVersion: '3.13.1' } } as ExtrasComponent;
  const harm = (extra: string) =>
    harmOfExtras({ code: 'unresolvable-extra', message: '', extra }, component)?.text;
  expect(harm('redis')).toBe('consumers who install lib[redis] with Python 3.13');
  expect(harm('contest')).toBe('consumers who install lib[contest] with Python 3.13');
  for (const extra of ['dev', 'test', 'tests', 'docs', 'test-full', 'my_dev', 'linting'])
    expect(harm(extra)).toBe('nobody yet');
});

const COMPONENT: ExtrasComponent = {
  ...plainBase('extras', '/', ms(1000)),
  kind: 'extras',
  package: {
    name: 'lib',
    wheel: '/lib-1.0-py3-none-any.whl',
    python: '/venv/bin/python',
    pythonVersion: '3.13.1',
  },
  tools: {
    interpreter: { path: '/python3', version: '3.13.1', build: '', pip: '25.0' },
    pip: ['/python3', '-m', 'pip'],
    uv: undefined,
  },
  extras: ['a', 'b'],
};

/** Answers what pip is asked, in turn: what it is asked for, what it prints, and its exit code. */
async function found(answers: readonly (readonly [string, string, number])[], extras = ['a', 'b']) {
  const attempt = new FakeAttempt();
  const directory = { path: '/run' } as RunDirectory;
  const run = runExtras({ ...COMPONENT, extras }, { ...attempt.context, directory });
  for (const [index, [asked, says, code]] of answers.entries()) {
    const pip = await attempt.processes.started(`try.1/extras-${index + 1}`);
    expect(pip.command).toContain(asked);
    pip.print(`${says}\n`);
    pip.finish(code);
  }
  return (await run).map(({ code, message }: Finding) => `${code}: ${message}`);
}

const WHEEL = '/lib-1.0-py3-none-any.whl';
const NOT_THERE = 'Could not fetch URL http://index/simple/nosuch/: 404 Client Error: Not Found - skipping';
const NO_ANSWER = 'Could not fetch URL http://index/simple/nosuch/: connection error: timed out - skipping';

test('extras that can be installed together are asked for once', async () => {
  expect(await found([[`${WHEEL}[a,b]`, 'Would install', 0]])).toEqual([]);
});

test('if not, each is asked for alone', async () => {
  const answers = [
    [`${WHEEL}[a,b]`, PIP_CONFLICT, 1],
    [`${WHEEL}[a]`, 'Would install', 0],
    [`${WHEEL}[b]`, PIP_CONFLICT, 1],
  ] as const;
  expect(await found(answers)).toEqual([
    'unresolvable-extra: lib[b] cannot be installed: its requirements exclude each other',
  ]);
  expect(await found([...answers.slice(0, 2), [`${WHEEL}[b]`, PIP_BUILD, 1]])).toEqual([
    'extra-elsewhere: lib[b] cannot be installed here: error: metadata-generation-failed',
  ]);
});

test('what is not there for this Python may be for another, and what the index does not know is for none', async () => {
  const all = [`${WHEEL}[gone]`, PIP_ABSENT, 1] as const;
  const asked = (python: string) => `--python-version ${python}`;
  expect(await found([all, [asked('3.8'), NOT_THERE, 1]], ['gone'])).toEqual([
    'unresolvable-extra: lib[gone] cannot be installed: there is no nosuch>=3',
  ]);
  expect(await found([all, [asked('3.8'), '', 1], [asked('3.10'), '', 0]], ['gone'])).toEqual([
    'extra-elsewhere: lib[gone] cannot be installed here: nosuch>=3 is for another Python or another system',
  ]);
  expect(await found([all, [asked('3.8'), NO_ANSWER, 1]], ['gone'])).toEqual([
    'extras-untried: not found out whether gone can be installed: the index does not answer',
  ]);
});

test('without a network nothing is known', async () => {
  const lost = 'WARNING: Retrying: Failed to establish a new connection: [Errno 111] Connection refused';
  expect(await found([[`${WHEEL}[a,b]`, `${lost}\n${PIP_ABSENT}`, 1]])).toEqual([
    'extras-untried: not found out whether a, b can be installed: its extras cannot be resolved: the package index cannot be reached',
  ]);
});

test('an extra that nobody can ask for has failed, and does not keep the others from being asked for', async () => {
  const names = ['a] @ x', '-r', 'a', '', 'Odd_.Name_'];
  const told = (name: string): string =>
    `unresolvable-extra: lib[${name}] cannot be installed: nobody can ask for an extra of that name`;
  const failures = ['a] @ x', '-r', ''].map(told);
  expect(await found([[`${WHEEL}[a,Odd_.Name_]`, '', 0]], names)).toEqual(failures);
  expect(await found([], ['-r'])).toEqual([told('-r')]);
});
