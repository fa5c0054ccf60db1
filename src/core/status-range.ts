/** HTTP status codes that are wanted of an answer, both ends included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}
