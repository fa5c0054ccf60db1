/** The options of components by the name of their kind; each kind adds its own in its `options.ts`. */
// biome-ignore lint/suspicious/noEmptyInterface: an alias could not be added to
export interface OptionsByKind {}
