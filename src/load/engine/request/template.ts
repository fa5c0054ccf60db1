/** Fills values into requests. */
import type { LoadRequest } from '../../../core/load.ts';
import { splitTemplate } from '../../../core/template.ts';

/** A request with its values filled in. */
export interface FilledRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | null;
}

/** What stands for the names in a template. */
export interface Values {
  text(name: string): string;
  /** The value as JSON; null if it is a text there as well. */
  json(name: string): string | null;
}

export interface Template {
  readonly isConstant: boolean;
  readonly fill: (values: Values) => FilledRequest;
}

type Fill = (values: Values) => string;

/** Texts alternating with what is filled in between them. */
function joined(parts: readonly string[], fillIn: (values: Values, name: string) => string): Fill {
  return (values) => {
    let text = parts[0] ?? '';
    for (let i = 1; i < parts.length; i += 2) text += fillIn(values, parts[i] ?? '') + (parts[i + 1] ?? '');
    return text;
  };
}

/** Fills values into a text. */
export const asIs = (parts: readonly string[]): Fill => joined(parts, (values, name) => values.text(name));

/** What precedes a value that is a text of its own, in JSON without white space. */
const OPENS = /(?:^|[[{:,])"$/;
/** What follows it, unless it is the name of a field. */
const CLOSES = /^"(?:[\]},]|$)/;

/**
 * JSON stays valid, whatever is filled in. A placeholder that is the whole of a text becomes the value as it was in the JSON
 * that it was taken from: `{"id":"{{id}}"}` becomes `{"id":17}`. Anything else becomes part of the text.
 */
export function jsonText(parts: readonly string[]): Fill {
  const texts = [...parts];
  const isWhole = parts.map((_, i) => {
    if (i % 2 === 0) return false;
    return OPENS.test(parts[i - 1] ?? '') && CLOSES.test(parts[i + 1] ?? '');
  });
  for (const [i, whole] of isWhole.entries())
    if (whole) {
      texts[i - 1] = (texts[i - 1] ?? '').slice(0, -1);
      texts[i + 1] = (texts[i + 1] ?? '').slice(1);
    }
  return (values) => {
    let text = texts[0] ?? '';
    for (let i = 1; i < texts.length; i += 2) {
      const name = texts[i] ?? '';
      const written = JSON.stringify(values.text(name));
      text += isWhole[i] === true ? (values.json(name) ?? written) : written.slice(1, -1);
      text += texts[i + 1] ?? '';
    }
    return text;
  };
}

export function templateOf({ method, path, headers, body }: LoadRequest): Template {
  const pathParts = splitTemplate(path);
  const headerParts = headers.map(([name, value]) => [name, splitTemplate(value)] as const);
  const text = body?.encoding === 'utf8' ? splitTemplate(body.content) : [];
  const bytes = body === null ? null : Buffer.from(body.content, body.encoding);
  const isText = text.length > 1;
  const fillPath = joined(pathParts, (values, name) => encodeURIComponent(values.text(name)));
  const fillHeaders = headerParts.map(([name, parts]) => [name, asIs(parts)] as const);
  const fillBody = body?.isJson === true ? jsonText(text) : asIs(text);
  return {
    isConstant: pathParts.length === 1 && headerParts.every(([, parts]) => parts.length === 1) && !isText,
    fill: (values) => ({
      method,
      path: fillPath(values),
      headers: fillHeaders.map(([name, fill]) => [name, fill(values)] as const),
      body: isText ? Buffer.from(fillBody(values)) : bytes,
    }),
  };
}
