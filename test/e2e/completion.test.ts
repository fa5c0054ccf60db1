/** Completion in real shells: loaded twice, since a profile may be, and without what not every machine has. */
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLI, Rig } from '../rig/rig.ts';
import { inTurn } from '../rig/thorough.ts';

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** A suite with the components `thread` and `init`, and the command on the PATH. */
async function prepared(): Promise<{ rig: Rig; env: NodeJS.ProcessEnv }> {
  const rig = await Rig.create();
  for (const name of ['thread', 'init']) rig.script(`integration/${name}`, 'true');
  const bin = rig.script('bin/shakedown', `exec "${process.execPath}" "${CLI}" "$@"`);
  return {
    rig,
    env: { ...process.env, HOME: rig.dir, PATH: `${join(bin, '..')}${delimiter}${process.env.PATH}` },
  };
}

function answer(rig: Rig, env: NodeJS.ProcessEnv, command: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { cwd: rig.dir, env, encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout;
}

/** What has been typed, word by word, and what it may become. */
const CASES: [string, string[], string[]][] = [
  ['a component', ['thr'], ['thread']],
  ['a command', ['pla'], ['plan']],
  ['a component after a command', ['run', 'in'], ['init']],
  ['a flag', ['run', '--keep'], ['--keep-going']],
  ['nothing that is known', ['run', 'zzz'], []],
];

describe('bash', () => {
  test.each(inTurn(CASES, 2))('completes %s', async (_, words, expected) => {
    const { rig, env } = await prepared();
    await using _rig = rig;
    const typed = words.map((word) => `'${word}'`).join(' ');
    const script = [
      'source <(shakedown complete bash)',
      'source <(shakedown complete bash)',
      `COMP_WORDS=(shakedown ${typed}) COMP_CWORD=${words.length}`,
      '_shakedown',
      'printf "%s\\n" "${COMPREPLY[@]}"',
      'complete -p shakedown',
    ].join('\n');
    const lines = answer(rig, env, 'bash', '--norc', '--noprofile', '-c', script).split('\n');
    expect(lines.filter((line) => line !== '')).toEqual([
      ...expected,
      'complete -o default -F _shakedown shakedown',
    ]);
  });
});

describe('fish', () => {
  test.skipIf(!has('fish')).each(inTurn(CASES))('completes %s', async (_, words, expected) => {
    const { rig, env } = await prepared();
    await using _rig = rig;
    const load = 'shakedown complete fish | source';
    const lines = answer(
      rig,
      env,
      'fish',
      '-N',
      '-c',
      `${load}; ${load}; complete -C "shakedown ${words.join(' ')}"`,
    );
    expect(lines.split('\n').flatMap((line) => line.split('\t')[0] || [])).toEqual(expected);
  });
});

describe('zsh', () => {
  // Its completion works at a prompt only: what it makes of a line is what the shell then runs.
  test.skipIf(!has('zsh')).each(inTurn(CASES.filter(([, , expected]) => expected.length > 0)))(
    'completes %s',
    async (_, words, expected) => {
      const { rig, env } = await prepared();
      await using _rig = rig;
      rig.write(
        '.zshrc',
        'PS1="> "; autoload -Uz compinit; compinit -u\nsource <(shakedown complete zsh)\nsource <(shakedown complete zsh)\n',
      );
      const seen = answer(
        rig,
        env,
        'zsh',
        '-f',
        '-c',
        [
          'zmodload zsh/zpty',
          'zpty shell "ZDOTDIR=$PWD zsh -i"',
          // A line ends when the shell has read all before it.
          'zpty -w shell "echo rea""dy"',
          'zpty -r -m shell seen "*ready*"',
          `zpty -w -n shell "shakedown ${words.join(' ')}"$'\\t'`,
          `zpty -r -m shell seen "*${expected[0]}*"`,
          'print -r -- done',
          'zpty -d shell',
        ].join('\n'),
      );
      expect(seen.trim()).toBe('done');
    },
  );
});
