/** Why a finding is real: looked into by hand, and told in words, for the document. */

export interface Proof {
  readonly spec: string;
  /** The component and the code of the finding, as the table names them. */
  readonly finding: string;
  readonly proof: string;
}

export const PROOFS: readonly Proof[] = [];
