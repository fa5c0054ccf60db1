/** What one look at a readiness condition says. */
export type ProbeAnswer = { readonly ready: true } | { readonly ready: false; readonly why: string };
