/** Says which `--use` makes no difference to what was selected. */
import { visible } from '../core/harmless.ts';
import type { Plan } from '../core/plan.ts';
import { say } from './say.ts';

/** @param uses as given: `NAME=URL` */
export function tellIdleUses({ shared }: Plan, uses: readonly string[] = []): void {
  for (const use of uses) {
    const name = use.slice(0, use.indexOf('='));
    if (!shared.some((each) => each.name === name))
      say(visible(`note: --use ${name} changes nothing: nothing that was selected needs it`), process.stderr);
  }
}
