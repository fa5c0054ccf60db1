/** Which tests a command runs: commands with the same result here run the same tests. Pure. */

/** Programs that only call another one. */
const WRAPPERS = /^(?:exec|env|time|npx|bunx|uv run|poetry run|pnpm exec|yarn exec)\s+/;
/** Variables that say where and how to run tests, not which; others may do either. */
const ASSIGNMENT =
  /^(?:\w{0,60}(?:PORT|URL|ORIGIN|ENDPOINT|HOST)|GOFLAGS|CGO_ENABLED|PYTHON\w{0,40}|CI|NO_COLOR|NODE_ENV)=(?:"[^"]*"|'[^']*'|[^\s"']*)\s+/;
/** Flags that change how tests are run or shown; any other flag may select tests. */
const HARMLESS =
  /^(?:-[vqxs]+|-race|-cover|-failfast|--verbose|--quiet|--colou?r|--failfast|--release|--locked)$/;
const HARMLESS_WITH_VALUE =
  /^--?(?:timeout|count|p|parallel|cpu|coverprofile|covermode|coverpkg|shuffle|vet|colou?r|tb)$/;

/** The command without assignments and wrappers. */
function bare(command: string): string {
  const shorter = command.replace(ASSIGNMENT, '').replace(WRAPPERS, '');
  return shorter === command ? command : bare(shorter);
}

/** `python -m pytest`, `.venv/bin/pytest` and `pytest` are one program. */
function programOf(words: readonly string[]): string[] {
  const [first = '', second, third, ...rest] = words;
  const program = first.replace(/^.*\//, '');
  if (/^python[\d.]*$/.test(program) && second === '-m' && third !== undefined) return [third, ...rest];
  const others = words.slice(1);
  if (/^(?:npm|pnpm|yarn|bun)$/.test(program))
    return ['script', ...(second === 'run' ? others.slice(1) : others)];
  return [program, ...others];
}

/**
 * @param command one that a shell runs, without `&&` and the like
 * @returns its program and what that runs, without how it runs it
 */
export function testsRunBy(command: string): string {
  const [program = '', ...args] = programOf(
    bare(`${command.trim().replace(/^[@+-]+\s*/, '')} `)
      .trim()
      .split(/\s+/),
  );
  const chosen: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    const [flag = '', value] = word.split('=');
    if (HARMLESS.test(word)) continue;
    if (!HARMLESS_WITH_VALUE.test(flag)) chosen.push(word);
    else if (value === undefined) at++;
  }
  return [program, ...chosen].join(' ');
}

/** Commands that only print something, or set up the shell. */
const IDLE = /^(?:echo|printf|set|true|:)(?:\s|$)/;

/** The commands in lines of shell, without those that only print something. */
export const commandsIn = (lines: string): string[] =>
  lines
    .split(/\n|&&|;/)
    .map((each) => each.trim().replace(/^[@+-]+\s*/, ''))
    .filter((each) => each !== '' && !IDLE.test(each));

/** Unless told otherwise, `go test` repeats earlier results: a server that has broken since goes unnoticed. */
export const isCachedByGo = (command: string): boolean =>
  testsRunBy(command).startsWith('go test') && !/\s-count\b/.test(command);
