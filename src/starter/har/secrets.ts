/** What of a recording must not be written down: a variable of the environment takes its place. */
import { soundsSecret, tokens } from '../../core/secret-places.ts';
import { secrets } from '../../core/secrets.ts';
import type { Flow, Recorded } from './flow.ts';
import type { Slot } from './slots.ts';
import { free, variableName } from './words.ts';

/** Fields that only their owner may know, and those that prove that he does. */
const PRIVATE =
  /pass(?:word|wd|phrase|code)?$|^pwd$|^pin$|^otp$|^totp$|^mfa|secret|credential|(?:^|[_-])cv[vc]2?$|card.?number|^iban$|^ssn$|sess(?:ion)?(?:[_-]?(?:id|key))?$|^sid$/i;

/** Whether a field holds a password. */
export const isPassword = ({ where, key }: Slot): boolean =>
  (where === 'json' || where === 'form') && /pass(?:word|wd|phrase|code)?\]?$|^pwd$|secret\]?$/i.test(key);

/** Within a query of GraphQL, an XML document, or a form of several parts. */
const SPOKEN = [
  /(?:password|passwd|passphrase|pwd|secret|token) ?: ?\\?["']/i,
  /<[\w:]{0,40}(?:password|passwd|passphrase|pwd|secret|token)(?: [^<>]{0,300})?>[^<]/i,
  /(?:password|passwd|passphrase|pwd|secret|token)"\r\n\r\n/i,
];

const isToken = (value: string): boolean => [...tokens(value)].length > 0;

function isSecret({ where, key, value }: Slot): boolean {
  if (value === '') return false;
  const name = (key.split('[').at(-1) ?? '').replaceAll(']', '');
  if (where === 'header' && /idempotency/i.test(name)) return false;
  if (where !== 'path' && (soundsSecret(name) || PRIVATE.test(name))) return true;
  return isToken(value) || SPOKEN.some((pattern) => pattern.test(value)) || secrets.conceal(value) !== value;
}

const nameFor = ({ where, key, scheme }: Slot): string => {
  if (where === 'header' && /^authorization$/i.test(key))
    return /^basic/i.test(scheme) ? 'BASIC_AUTH' : scheme === '' ? 'AUTHORIZATION' : 'TOKEN';
  if (where === 'path') return 'TOKEN';
  return variableName(key.replaceAll(/[[\]]/g, '_'));
};

/** A value that is a secret in one place is one everywhere, unless it is too short to tell. */
const SHORTEST_ELSEWHERE = 4;

/** @returns the variable in the place of each secret that no response has brought */
export function hideSecrets(
  steps: readonly Recorded[],
  { filled }: Pick<Flow, 'filled'>,
): ReadonlyMap<Slot, string> {
  const slots = steps.flatMap((step) => step.slots).filter((slot) => !filled.has(slot));
  const byValue = new Map<string, string>();
  const names = new Set<string>();
  const hidden = new Map<Slot, string>();
  for (const slot of slots.filter(isSecret)) {
    const name = byValue.get(slot.value) ?? free(nameFor(slot), names, '_');
    names.add(name);
    byValue.set(slot.value, name);
    hidden.set(slot, name);
  }
  for (const slot of slots) {
    const name = slot.value.length >= SHORTEST_ELSEWHERE ? byValue.get(slot.value) : undefined;
    if (name !== undefined) hidden.set(slot, name);
  }
  return hidden;
}
