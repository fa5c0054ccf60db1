/** Why the import hooks are not in the processes of a component, as far as its commands say, and what to do about it. */
import type { HookedRuntime } from '../../core/module-fault.ts';
import type { Command } from '../../core/suite.ts';
import { type Written, writtenCommands } from './written-commands.ts';

export interface LeftOut {
  /** As the end of a sentence. */
  readonly reason: string;
  readonly advice: string;
}

interface Sign {
  /** Null: of both. */
  readonly runtime: HookedRuntime | null;
  readonly words: RegExp;
  /** What they do, as a clause without its subject. */
  readonly effect: string;
  readonly advice: string;
}

const PASS_ON = 'pass on SHAKEDOWN_FAULT, and PYTHONPATH or NODE_OPTIONS as they are';

/** The surest first. */
const SIGNS: readonly Sign[] = [
  {
    runtime: 'python',
    words:
      /\b(?:python|pypy)[\d.]{0,8}t?(?:\s{1,3}-[a-zA-Z]{1,8}){0,4}?\s{1,3}-[a-zA-Z]{0,8}[EIS][a-zA-Z]{0,8}(?=\s|$)/,
    effect: 'leaves out `sitecustomize` or PYTHONPATH, by which they are loaded',
    advice: 'start Python without -I, -E and -S while it is proved',
  },
  {
    runtime: 'node',
    words: /--(?:experimental-)?permission(?=\s|$)/,
    effect: 'lets Node neither read them nor write what they see',
    advice: 'start Node without its permission model while it is proved',
  },
  {
    runtime: null,
    words: /\benv\s{1,3}(?:-i|-|--ignore-environment)(?=\s|$)/,
    effect: 'empties the environment, which tells processes of them',
    advice: `have it ${PASS_ON}`,
  },
  {
    runtime: 'python',
    words:
      /\bunset\s[^;\n]{0,60}\bPYTHONPATH\b|\benv\s{1,3}-u\s?PYTHONPATH\b|\bPYTHONPATH=(?![^\s;]{0,200}\$\{?PYTHONPATH)\S{0,60}/,
    effect: 'replaces PYTHONPATH, by which they are loaded',
    advice: 'keep what PYTHONPATH had: PYTHONPATH="…:$PYTHONPATH"',
  },
  {
    runtime: 'node',
    words:
      /\bunset\s[^;\n]{0,60}\bNODE_OPTIONS\b|\benv\s{1,3}-u\s?NODE_OPTIONS\b|\bNODE_OPTIONS=(?![^;\n]{0,200}\$\{?NODE_OPTIONS)\S{0,60}/,
    effect: 'replaces NODE_OPTIONS, by which they are loaded',
    advice: 'keep what NODE_OPTIONS had: NODE_OPTIONS="$NODE_OPTIONS …"',
  },
  {
    runtime: null,
    words: /(?<![\w./-])(?:sudo|doas|su|runuser|setpriv|gosu|su-exec|setuidgid|chpst)(?=\s)/,
    effect: 'starts it as another user, who cannot read their orders in a private folder',
    advice: `prove it as one user, and have it ${PASS_ON}`,
  },
  {
    runtime: null,
    words: /(?<![\w./-])(?:docker|podman|chroot|bwrap|ssh|kubectl)(?=\s)/,
    effect: 'starts it where they are not',
    advice: 'break it by hand there, once, and see whether the check fails',
  },
];

const GENERAL: Readonly<Record<HookedRuntime, LeftOut>> = {
  python: {
    reason:
      'either it starts no Python (3.9 or newer), or one without its environment, with -I, -E or -S, or as another user',
    advice: `name the module that it tries, prove: { module: '…' }, or have what starts Python ${PASS_ON}`,
  },
  node: {
    reason:
      'either it starts no Node, or one without its environment, under its permission model, or as another user',
    advice: `name the module that it tries, prove: { module: '…' }, or have what starts Node ${PASS_ON}`,
  },
};

function signIn({ where, text }: Written, runtime: HookedRuntime): LeftOut | undefined {
  for (const sign of SIGNS) {
    const [found] = (sign.runtime ?? runtime) === runtime ? (sign.words.exec(text) ?? []) : [];
    if (found === undefined) continue;
    const shown = found.replace(/\s+/g, ' ').trim();
    return { reason: `\`${shown}\` in ${where} ${sign.effect}`, advice: sign.advice };
  }
  return undefined;
}

/** @returns what its words give away; undefined if nothing does */
export function saysLeftOut(
  command: Command | null,
  cwd: string,
  runtime: HookedRuntime,
): LeftOut | undefined {
  if (command === null) return undefined;
  for (const written of writtenCommands(command, cwd)) {
    const found = signIn(written, runtime);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @returns why no process loaded the hooks */
export const whyLeftOut = (command: Command | null, cwd: string, runtime: HookedRuntime): LeftOut =>
  saysLeftOut(command, cwd, runtime) ?? GENERAL[runtime];
