import { lazy } from './lazy.ts';

const SHORT = [
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\f', '\\f'],
  ['\r', '\\r'],
] as const;

function controlCharacters(): [string, string][] {
  return Array.from({ length: 0x20 }, (_, code) => [
    String.fromCharCode(code),
    `\\u${code.toString(16).padStart(4, '0')}`,
  ]);
}

/** Character to escape sequence, for the characters which a JSON string cannot hold as they are. */
export const encoded = lazy(() => new Map<string, string>([...controlCharacters(), ...SHORT]));

/** Two-character escape sequence to character. JSON may escape the slash, canonical JSON never does. */
export const decoded = lazy(
  () => new Map<string, string>([...SHORT.map(([raw, escaped]) => [escaped, raw] as const), ['\\/', '/']]),
);
