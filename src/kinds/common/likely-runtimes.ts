/** Guesses from its text which runtimes a command uses. */
import { resolve } from 'node:path';
import type { HookedRuntime } from '../../core/module-fault.ts';
import type { Command } from '../../core/suite.ts';
import { isOfShell, textOf } from './written-commands.ts';

const PYTHON = /\b(?:python|pypy|pytest|uv|poetry|pdm|hatch|tox)[\d.]*t?\b|\.py\b/;
const NODE = /\b(?:node|npm|npx|pnpm|yarn|tsx|vitest|jest|mocha)\b|\.[cm]?[jt]sx?\b/;

/**
 * @param cwd absolute path of the folder where it runs
 * @returns both, the likelier first; for a script file its shebang counts, and for a shell script its text too
 */
export function likelyRuntimes(command: Command, cwd: string): readonly [HookedRuntime, HookedRuntime] {
  const written = command.type === 'shell' ? command.line : command.argv.join(' ');
  const [program = ''] = command.type === 'shell' ? command.line.trim().split(/\s+/) : command.argv;
  const script = program.includes('/') ? textOf(resolve(cwd, program)) : '';
  const [shebang = ''] = script.split('\n', 1);
  for (const text of [shebang, written, isOfShell(script) ? script : '']) {
    const python = text.search(PYTHON);
    const node = text.search(NODE);
    if (python !== -1 && (node === -1 || python < node)) return ['python', 'node'];
    if (node !== -1) return ['node', 'python'];
  }
  return ['python', 'node'];
}
