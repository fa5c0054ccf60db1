/** Makes copies of declarations, changed or unchanged. */
import { readFileSync } from 'node:fs';
import type { CopiedFile, Edit } from './protocol.ts';

const BYTE_ORDER_MARK = /^\ufeff/;

/** @returns the text with the edits; two at the same place are applied in order */
export function applyEdits(text: string, edits: readonly Omit<Edit, 'file'>[]): string {
  const once = new Map(edits.map((edit) => [JSON.stringify([edit.start, edit.end, edit.text]), edit]));
  const ordered = [...once.values()].sort((a, b) => a.start - b.start);
  let at = 0;
  let result = '';
  for (const edit of ordered) {
    // It lies within what has already been replaced.
    if (edit.start < at) continue;
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** The files to copy, by their absolute paths, each with its content. */
export function copiesOf(files: readonly CopiedFile[], edits: readonly Edit[]): Map<string, string> {
  return new Map(
    files.map(({ file, muted }) => {
      const text = readFileSync(file, 'utf8').replace(BYTE_ORDER_MARK, '');
      const own = edits.filter((edit) => edit.file === file);
      return [file, applyEdits(text, [...muted, ...own])];
    }),
  );
}
