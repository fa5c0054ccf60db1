/** Bytes `start` to `end` of a buffer. */
export interface Slice {
  buffer: Buffer;
  start: number;
  end: number;
}

/** A whole response, as checks and evidence see it. Its bytes are valid only while it is handed over. */
export interface ResponseView {
  readonly status: number;
  /** The head as text, without the empty line. */
  readonly headText: string;
  /** As much of the body as was to be kept. */
  readonly body: Slice;
  /** Length of the whole body in bytes. */
  readonly bodyLength: number;
  /** The value of a header, several of one name joined by commas; undefined when it is not there. */
  header(name: string): string | undefined;
}
