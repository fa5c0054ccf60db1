/** A range of accepted HTTP status codes, both ends included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}
