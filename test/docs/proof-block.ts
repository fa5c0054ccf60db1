/** The output of `shakedown prove` that a document shows. */
import { expect } from 'vitest';
import { blocksOf } from './blocks.ts';

/** A row: the component, its fault, the mark, the outcome, and what was seen. */
const ROW = /^ {2}(\S+) +(\S.*?) +[✓✗○?] (proved|blind|BLIND|not reached|ignored)\b/;

interface Trial {
  readonly of: string;
  readonly fault: string;
  readonly subject: string | null;
  readonly judgement: { readonly outcome: string } | null;
}

/** What is shown of each fault, by the names of its component and itself. */
export function outcomesShown(document: string): Record<string, string> {
  const shown = blocksOf(document).filter(({ content }) => /^PROVED {2}/m.test(content));
  const rows = shown.flatMap(({ content }) =>
    content.split('\n').flatMap((line): [string, string][] => {
      const [, of, fault, word] = ROW.exec(line) ?? [];
      return of === undefined || fault === undefined || word === undefined
        ? []
        : [[`${of} ${fault}`, word.toLowerCase().replace(' ', '-')]];
    }),
  );
  return Object.fromEntries(rows);
}

/**
 * Demands that a document shows what a run has found.
 *
 * @param isWhole whether the run has tried everything; otherwise the document shows more
 */
export function expectShown(
  document: string,
  { components }: { readonly components: readonly { readonly trial?: Trial }[] },
  isWhole: boolean,
): void {
  const trials = components.flatMap(({ trial }) =>
    trial === undefined || trial.fault === 'control' ? [] : trial,
  );
  const found: Record<string, string> = Object.fromEntries(
    trials.map(({ of, fault, subject, judgement }) => [
      [of, subject, fault].filter((word) => word !== null).join(' '),
      judgement?.outcome ?? 'none',
    ]),
  );
  expect(trials).not.toEqual([]);
  const shown = outcomesShown(document);
  if (isWhole) expect(shown).toEqual(found);
  else expect(shown).toMatchObject(found);
}
