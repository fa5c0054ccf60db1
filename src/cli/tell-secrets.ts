import { secrets } from '../core/secrets.ts';
import { workflowCommand } from '../core/workflow-command.ts';
import { isInWorkflow, issue } from './command-guard.ts';

/**
 * Learns the secrets in our arguments and environment. On GitHub Actions each is passed to the runner, which then masks
 * it in all output, even of other programs: on standard error, since the output may be kept in a file.
 */
export function tellSecrets(words: readonly string[], env: NodeJS.ProcessEnv): void {
  secrets.learn(words);
  secrets.learnEnvironment(env);
  if (!isInWorkflow(env)) return;
  secrets.onValue((value) => issue(workflowCommand('add-mask', value), process.stderr));
}
