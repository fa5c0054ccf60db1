import type { Explanation } from '../core/explanation.ts';
import type { Consequence, FindingCode } from '../core/finding.ts';
import { suggest } from '../core/suggest.ts';
import { consequenceOf, loadExplanations } from '../kinds/index.ts';
import { plainText, wrap } from '../text/prose.ts';
import { type Outcome, refuse, SUCCESS } from './outcome.ts';
import { say } from './say.ts';

/** The width of text in columns: where the width of the screen is unknown, and the most that reads well. */
const WIDEST = 88;
const NARROWEST = 40;

const EFFECTS = {
  failed: 'fails the component',
  inconclusive: 'makes the component inconclusive',
  note: 'a note; it changes no verdict',
} as const satisfies Record<Consequence, string>;

const columns = (): number =>
  Math.min(WIDEST, Math.max(NARROWEST, (process.stdout.columns ?? WIDEST + 1) - 1));

function page(code: FindingCode, { means, why, fix }: Explanation): string {
  const width = columns();
  return [
    `${code}: ${EFFECTS[consequenceOf({ code })]}`,
    '',
    ...wrap(plainText(means), width, '  '),
    '',
    ...wrap(`Why: ${plainText(why)}`, width, '  '),
    '',
    ...wrap(`What to do: ${plainText(fix)}`, width, '  '),
  ].join('\n');
}

/** `shakedown explain` lists the codes; `shakedown explain CODE…` tells what each means and what to do about it. */
export async function explain(codes: readonly string[]): Promise<Outcome> {
  const chapters = await loadExplanations();
  const all = new Map(chapters.flatMap(({ texts }) => Object.entries(texts)));
  const unknown = codes.filter((code) => !all.has(code));
  if (unknown.length > 0)
    return refuse(
      unknown.map((code) => {
        const meant = suggest(code, [...all.keys()]);
        return {
          message: `there is no finding "${code}"`,
          hint: meant === undefined ? 'shakedown explain lists them all' : `did you mean "${meant}"?`,
        };
      }),
    );
  if (codes.length === 0) {
    const width = Math.max(...[...all.keys()].map((code) => code.length));
    for (const { title, texts } of chapters) {
      const rows = Object.keys(texts).map(
        (code) => `  ${code.padEnd(width)}  ${consequenceOf({ code: code as FindingCode })}`,
      );
      say([title, ...rows, ''].join('\n'));
    }
    say('shakedown explain CODE tells what a finding means and what to do about it');
    return SUCCESS;
  }
  say(
    [...new Set(codes)]
      .flatMap((code) => {
        const text = all.get(code);
        return text === undefined ? [] : [page(code as FindingCode, text)];
      })
      .join('\n\n'),
  );
  return SUCCESS;
}
