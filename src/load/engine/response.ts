/** Bytes `start` to `end` of a buffer. */
export interface Slice {
  buffer: Buffer;
  start: number;
  end: number;
}

/** A complete response for checks and evidence. Its bytes are only valid during the call that passes it. */
export interface ResponseView {
  readonly status: number;
  /** The head as text, without the empty line. */
  readonly headText: string;
  /** The part of the body that was kept. */
  readonly body: Slice;
  /** Length of the whole body in bytes. */
  readonly bodyLength: number;
  /** The value of a header, several of one name joined by commas; undefined if it is missing. */
  header(name: string): string | undefined;
  /** The values of all headers of a name, which is given in lower case. */
  all(name: string): readonly string[];
}

/** The values of all headers of a name, which is given in lower case, in the text of a head. */
export function allIn(headText: string, name: string): string[] {
  const values: string[] = [];
  for (let at = headText.indexOf('\r\n'); at !== -1; at = headText.indexOf('\r\n', at + 2)) {
    const colon = at + 2 + name.length;
    if (headText[colon] !== ':' || headText.slice(at + 2, colon).toLowerCase() !== name) continue;
    const end = headText.indexOf('\r\n', colon);
    values.push(headText.slice(colon + 1, end === -1 ? headText.length : end).trim());
  }
  return values;
}

/** The value of a header in the text of a head, several of one name joined by commas; undefined if it is missing. */
export function headerIn(headText: string, name: string): string | undefined {
  const values = allIn(headText, name.toLowerCase());
  return values.length === 0 ? undefined : values.join(', ');
}
