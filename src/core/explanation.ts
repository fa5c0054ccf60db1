/** What a finding means to the user: its section of `docs/findings.md`, and what `shakedown explain` prints. */
export interface Explanation {
  /** What was seen. Markdown, one paragraph, like the others. */
  readonly means: string;
  /** Why that fails, or why it does not. */
  readonly why: string;
  /** The next step. */
  readonly fix: string;
}

/** Explanations that belong together: one for each code of an interface of findings. */
export interface Chapter<Findings extends object = Readonly<Record<string, unknown>>> {
  readonly title: string;
  readonly texts: Readonly<Record<keyof Findings & string, Explanation>>;
}

/** @returns the same chapters, but those with the same title are merged, at the place of the first */
export function joinChapters(chapters: readonly Chapter[]): readonly Chapter[] {
  const joined = new Map<string, Chapter>();
  for (const { title, texts } of chapters)
    joined.set(title, { title, texts: { ...joined.get(title)?.texts, ...texts } });
  return [...joined.values()];
}
