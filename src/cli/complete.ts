import type { Command } from 'commander';
import { loadSuite } from '../config/discover.ts';
import { visible } from '../core/harmless.ts';
import { loadExplanations } from '../kinds/index.ts';
import { heldNames } from '../plan/hold.ts';
import { namesOf } from '../plan/plan.ts';
import type { Program } from './flags.ts';
import { type Outcome, refuse, SUCCESS } from './outcome.ts';
import { runsOf } from './show/find.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];

/** What the suite here has; one with mistakes offers nothing. */
async function namesHere(
  args: readonly string[],
  program: Program,
): Promise<{ components: string[]; services: string[] }> {
  const valueAfter = (flag: string): string | undefined => args[args.indexOf(flag) + 1];
  const dir = args.includes('--dir') ? valueAfter('--dir') : undefined;
  const config = args.includes('--config') ? valueAfter('--config') : undefined;
  const suite = await loadSuite({
    ...program,
    ...(dir === undefined ? {} : { dir }),
    ...(config === undefined ? {} : { config }),
  });
  // Names that would mislead a terminal are not offered.
  const offered = (names: readonly string[]): string[] => names.filter((name) => visible(name) === name);
  if (!suite.ok) return { components: [], services: [] };
  return { components: offered(namesOf(suite.value)), services: offered(heldNames(suite.value)) };
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
  const { components, services } = await namesHere(args.slice(1), program);
  type Add = (value: string, description: string) => void;
  const offer = (add: Add): void => {
    for (const name of components) add(name, 'component');
  };
  const offerServices = (add: Add): void => {
    for (const name of services) add(name, 'service');
  };
  completion.argument('names', offer, true);
  // A bare `shakedown --…` is a run.
  const run = root.commands.find((command) => command.name() === 'run');
  for (const option of run?.createHelp().visibleOptions(run) ?? []) {
    const { long, description } = option;
    if (long !== undefined && long !== null && long !== '--help')
      completion.option(long.slice(2), description);
  }
  for (const command of ['run', 'plan', 'watch'])
    completion.commands.get(command)?.argument('names', offer, true);
  for (const command of ['up', 'logs', 'down'])
    completion.commands.get(command)?.argument('names', offerServices, true);
  completion.commands.get('show')?.argument('run', (add) => {
    for (const { run } of runsOf(program.cwd)) add(run, 'run');
  });
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
