import type { Command } from 'commander';
import { loadSuite } from '../config/discover.ts';
import { visible } from '../core/harmless.ts';
import { loadExplanations } from '../kinds/index.ts';
import { namesOf } from '../plan/plan.ts';
import type { Program } from './flags.ts';
import { type Outcome, refuse, SUCCESS } from './outcome.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];

/** The components of the suite here; a suite with mistakes offers none. */
async function componentNames(args: readonly string[], program: Program): Promise<string[]> {
  const valueAfter = (flag: string): string | undefined => args[args.indexOf(flag) + 1];
  const dir = args.includes('--dir') ? valueAfter('--dir') : undefined;
  const config = args.includes('--config') ? valueAfter('--config') : undefined;
  const suite = await loadSuite({
    ...program,
    ...(dir === undefined ? {} : { dir }),
    ...(config === undefined ? {} : { config }),
  });
  // Names that would mislead a terminal are not offered.
  return suite.ok ? namesOf(suite.value).filter((name) => visible(name) === name) : [];
}

/** Works without the bash-completion package, which the library's script needs; loading it twice is harmless. */
const BASH = `# bash completion for shakedown
_shakedown() {
  local current=\${COMP_WORDS[COMP_CWORD]} value rest
  COMPREPLY=()
  while IFS=$'\\t' read -r value rest; do
    # The last line is a note for other shells.
    [[ $value != :* && $value == "$current"* ]] && COMPREPLY+=("$(printf %q "$value")")
  done < <(shakedown complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _shakedown shakedown
`;

/** `complete SHELL` prints a completion script; `complete -- WORDS` answers that script. */
export async function complete(root: Command, args: readonly string[], program: Program): Promise<Outcome> {
  if (args[0] !== '--' && !SHELLS.includes(args[0] ?? '')) {
    return refuse([
      {
        message: `name the shell to complete in: ${SHELLS.join(', ')}`,
        hint: 'for example: source <(shakedown complete bash)',
      },
    ]);
  }
  if (args[0] === 'bash') {
    process.stdout.write(BASH);
    return SUCCESS;
  }
  const { default: tab } = await import('@bomb.sh/tab/commander');
  const completion = tab(root);
  const names = await componentNames(args.slice(1), program);
  const offer = (add: (value: string, description: string) => void): void => {
    for (const name of names) add(name, 'component');
  };
  completion.argument('names', offer, true);
  // A bare `shakedown --…` is a run.
  const run = root.commands.find((command) => command.name() === 'run');
  for (const option of run?.createHelp().visibleOptions(run) ?? []) {
    const { long, description } = option;
    if (long !== undefined && long !== null && long !== '--help')
      completion.option(long.slice(2), description);
  }
  for (const command of ['run', 'plan']) completion.commands.get(command)?.argument('names', offer, true);
  const chapters = await loadExplanations();
  completion.commands.get('explain')?.argument(
    'codes',
    (add) => {
      for (const { title, texts } of chapters) for (const code of Object.keys(texts)) add(code, title);
    },
    true,
  );
  await root.parseAsync(['complete', ...args], { from: 'user' });
  return SUCCESS;
}
