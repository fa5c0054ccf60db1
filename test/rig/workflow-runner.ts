/** Reads output as the runner of GitHub's workflows does: which lines of it are commands, and what they say. */

export interface Obeyed {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

const KNOWN = new Set(
  'error,warning,notice,debug,group,endgroup,add-mask,add-matcher,remove-matcher,echo,stop-commands,set-env,set-output,save-state,add-path'.split(
    ',',
  ),
);

/** In the order in which the runner decodes. */
function decode(text: string, codes: Readonly<Record<string, string>>): string {
  return Object.entries(codes).reduce((whole, [code, char]) => whole.replaceAll(code, char), text);
}
const DATA = { '%0D': '\r', '%0A': '\n', '%25': '%' };
const PROPERTY = { '%0D': '\r', '%0A': '\n', '%3A': ':', '%2C': ',', '%25': '%' };
const OLD = { '%3B': ';', '%0D': '\r', '%0A': '\n', '%5D': ']', '%25': '%' };

function commandOf(
  info: string,
  raw: string,
  separator: string,
  [ofProperty, ofData]: readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>],
): Obeyed | undefined {
  const [name = ''] = info.split(' ', 1);
  if (!KNOWN.has(name.toLowerCase())) return undefined;
  const pairs = info
    .slice(name.length)
    .trim()
    .split(separator)
    .flatMap((pair) => {
      const at = pair.indexOf('=');
      return at <= 0 || at === pair.length - 1
        ? []
        : [[pair.slice(0, at), decode(pair.slice(at + 1), ofProperty)] as const];
    });
  return { name: name.toLowerCase(), properties: Object.fromEntries(pairs), data: decode(raw, ofData) };
}

function readLine(line: string): Obeyed | undefined {
  // White space of .NET: a byte order mark is none, and NEL is.
  const text = line.replace(/^[\s\u0085]+/, '');
  const end = text.startsWith('::') ? text.indexOf('::', 2) : -1;
  const current =
    end === -1 ? undefined : commandOf(text.slice(2, end), text.slice(end + 2), ',', [PROPERTY, DATA]);
  if (current !== undefined) return current;
  const begin = line.indexOf('##[');
  const close = begin === -1 ? -1 : line.indexOf(']', begin);
  return close === -1
    ? undefined
    : commandOf(line.slice(begin + 3, close), line.slice(close + 1), ';', [OLD, OLD]);
}

/** The commands in a text, in order. */
export const obeyedIn = (output: string): Obeyed[] =>
  output.split(/\r\n|\r|\n/).flatMap((line) => readLine(line) ?? []);
