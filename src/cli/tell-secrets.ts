import { secrets } from '../core/secrets.ts';

/** As GitHub reads the value of a command in a line. */
const escapeValue = (value: string): string =>
  value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/**
 * Learns what is secret from how the program was called. On GitHub Actions each secret is told to the runner, which masks
 * it in all that comes from then on, be it from other programs: on standard error, since the output may be kept in a file.
 */
export function tellSecrets(words: readonly string[], env: NodeJS.ProcessEnv): void {
  secrets.learn(words);
  secrets.learnEnvironment(env);
  if (env.GITHUB_ACTIONS !== 'true') return;
  secrets.onValue((value) => process.stderr.write(`::add-mask::${escapeValue(value)}\n`));
}
