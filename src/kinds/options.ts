/** What a config says of a component of each kind, by the name of the kind: each adds its own in its `options.ts`. */
// biome-ignore lint/suspicious/noEmptyInterface: an alias could not be added to
export interface OptionsByKind {}
