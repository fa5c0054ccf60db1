/** A path in the usual notation: `components["my-app"].needs[0]`. */
export const writePath = (path: readonly (string | number)[]): string =>
  path
    .map((part) =>
      typeof part === 'number' || !/^[A-Za-z_$][\w$]*$/.test(part) ? `[${JSON.stringify(part)}]` : `.${part}`,
    )
    .join('')
    .replace(/^\./, '');
