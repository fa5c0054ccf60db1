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
