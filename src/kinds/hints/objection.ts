/** An objection of a checker. */
export interface Objection {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** The checker's own name for it: `attr-defined`. */
  readonly rule: string;
}

/** `pkg/__init__.pyi:3: error: Name "Lost" is not defined  [name-defined]` */
const LINE_NUMBER = /:(\d+)$/;
const RULE = / {2}\[([\w-]+)\]$/;
const MARK = ': error: ';

/** @returns undefined if a line of mypy's tells of no error in a file */
export function objectionOfMypy(text: string): Objection | undefined {
  const at = text.indexOf(MARK);
  const place = text.slice(0, Math.max(0, at));
  const number = LINE_NUMBER.exec(place);
  if (number === null || number.index === 0) return undefined;
  const said = text.slice(at + MARK.length);
  const rule = RULE.exec(said);
  return {
    file: place.slice(0, number.index),
    line: Number(number[1]),
    text: said.slice(0, rule?.index),
    rule: rule?.[1] ?? '',
  };
}
