/** Paragraphs of Markdown, as a terminal shows them. */

/** @returns the text without links: each document is named after the words that linked to it */
export const plainText = (markdown: string): string =>
  markdown.replace(/\[([^[\]]*)\]\(([^()#]*)(?:#[^()]*)?\)/g, (_, words: string, document: string) =>
    document === '' ? words : `${words} (docs/${document})`,
  );

/**
 * @param width columns of a line, its indentation included
 * @returns the lines of the paragraph; a word that is longer than a line has one to itself
 */
export function wrap(paragraph: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of paragraph.split(' ')) {
    if (line !== indent && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}
