import { secrets } from '../core/secrets.ts';

/** As GitHub decodes the value of a workflow command. */
const escapeValue = (value: string): string =>
  value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/**
 * Learns the secrets in our arguments and environment. On GitHub Actions each is passed to the runner, which then masks
 * it in all output, even of other programs: on standard error, since the output may be kept in a file.
 */
export function tellSecrets(words: readonly string[], env: NodeJS.ProcessEnv): void {
  secrets.learn(words);
  secrets.learnEnvironment(env);
  if (env.GITHUB_ACTIONS !== 'true') return;
  secrets.onValue((value) => process.stderr.write(`::add-mask::${escapeValue(value)}\n`));
}
