/** What was left, as text and as Markdown. */
import type { Machine } from '../result.ts';
import { layOut, machineLine } from '../table.ts';
import { ENDINGS, type Ending, type Outcome } from './trial.ts';

export interface Tried {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly outcomes: { readonly ending: Ending; readonly daemon: boolean; readonly outcome: Outcome }[];
}

export interface LeftoversResult {
  readonly version: 1;
  readonly machine: Machine;
  readonly gunicorn: string;
  readonly rounds: number;
  readonly tried: readonly Tried[];
  readonly absent: readonly { readonly title: string; readonly reason: string }[];
}

const count = (number: number, what: string): string[] => (number === 0 ? [] : [`${number} ${what}`]);

function left({ server, others, portOpen }: Outcome): string {
  const all = [
    ...count(server, 'of the server'),
    ...count(others, others === 1 ? 'other' : 'others'),
    ...(portOpen ? ['port open'] : []),
  ];
  return all.length === 0 ? 'nothing' : all.join(', ');
}

/** With how it ended, and where the client had no turn, that. */
const cell = (outcome: Outcome): string =>
  `${left(outcome)} (${outcome.exit}${outcome.clientCame ? '' : ', client never ran'})`;

/** Of several rounds, each different outcome once. */
function cells({ outcomes }: Tried, daemon: boolean): string[] {
  return ENDINGS.map((ending) => {
    const of = outcomes.filter((one) => one.ending === ending && one.daemon === daemon);
    return [...new Set(of.map(({ outcome }) => cell(outcome)))].join(' / ');
  });
}

const HEADINGS = ['passes', 'its client fails', 'Ctrl-C', 'SIGKILL'];
const MODES = [
  { daemon: true, title: 'gunicorn --daemon' },
  { daemon: false, title: 'gunicorn in the foreground' },
];

export function showLeftovers(result: LeftoversResult): string {
  const parts = [
    [
      `alive 3 s after the end of the runner, and in parentheses its exit code; ${result.rounds === 1 ? '1 round' : `${result.rounds} rounds`}`,
      `${machineLine(result.machine)}; gunicorn ${result.gunicorn}`,
    ],
    ...MODES.map(({ daemon, title }) =>
      layOut([[title, ...HEADINGS], ...result.tried.map((tried) => [tried.title, ...cells(tried, daemon)])]),
    ),
    result.absent.map(({ title, reason }) => `${title} is missing: ${reason}`),
    result.tried.flatMap(({ title, version }) => `${title} ${version}`),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const row = (values: readonly string[]): string => `| ${values.join(' | ')} |`;

export function showMarkdown(result: LeftoversResult): string {
  const tables = MODES.map(({ daemon, title }) =>
    [
      row([title, ...HEADINGS]),
      row(['---', ...HEADINGS.map(() => '---')]),
      ...result.tried.map((tried) => row([`${tried.title} ${tried.version}`, ...cells(tried, daemon)])),
    ].join('\n'),
  );
  const absent = result.absent.map(({ title, reason }) => `- ${title}: could not be installed (${reason})`);
  return `${[...tables, ...(absent.length > 0 ? [absent.join('\n')] : [])].join('\n\n')}\n`;
}
