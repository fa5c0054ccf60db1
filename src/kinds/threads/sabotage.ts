/** Faults in the module that threads share. A trial that compares with a serial run needs faults that only threads get. */
import type { FindingCode } from '../../core/finding.ts';
import { ok, type Result } from '../../core/result.ts';
import type { Command } from '../../core/suite.ts';
import { likelyRuntimes } from '../common/likely-runtimes.ts';
import { moduleNamed } from '../common/own-modules.ts';
import {
  hooksBarred,
  isOfProgram,
  MODULE_FAULT_WORDS,
  moduleFaults,
  type Noticing,
  scriptAdvice,
  type UnderTest,
  underTest,
  withModuleFault,
} from '../module-sabotage.ts';
import { defineSabotage, type Ground, type Nothing, type Sharing } from '../sabotage.ts';
import type { ModuleTrial, ThreadsComponent, ThreadsTrial } from './component.ts';

/** The module that is called, unless `prove` names another. */
function triedBy(component: ThreadsComponent, ground: Ground): Result<UnderTest, Nothing> {
  const { trial, cwd, prove } = component;
  if (trial.type === 'program') return underTest(component, ground, likelyRuntimes(trial.command, cwd));
  const runtime = trial.type === 'module' ? 'node' : 'python';
  const found = underTest(component, ground, [runtime]);
  if (prove.modules.length > 0) return found;
  if (trial.type === 'module') return ok({ runtime, modules: [moduleNamed(trial.module, cwd, runtime)] });
  if (found.ok || trial.target.type === 'script') return found;
  const [module = ''] = trial.target.name.split(':');
  return ok({ runtime, modules: [moduleNamed(module, cwd, runtime)] });
}

/** Trials that only compare cannot notice what is the same in every call, including the serial ones. */
const WORDS: Readonly<Record<'comparing' | 'calling' | 'script', Noticing['words']>> = {
  comparing: { 'wrong-in-worker': true, 'import-fails': true },
  calling: {
    ...{ 'wrong-in-worker': true, 'import-fails': true, raises: true },
    'wrong-result': false,
  },
  script: {
    ...{ 'wrong-result': true, raises: true, 'import-fails': true },
    ...{ 'wrong-in-worker': true, 'returns-nothing': false, slow: false },
  },
};

function wordsFor(trial: ThreadsTrial): Noticing['words'] {
  if (trial.type === 'module') return WORDS.comparing;
  if (trial.type === 'program') return { raises: true, 'import-fails': true, 'wrong-result': false };
  return trial.target.type === 'script' ? WORDS.script : WORDS.calling;
}

const commandOf = (trial: ThreadsTrial): Command | null => (trial.type === 'program' ? trial.command : null);

const OF_THREADS = new Set<FindingCode>(['wrong-result', 'thread-load', 'thread-crash', 'cannot-load']);

const noticing = ({ name, trial }: ThreadsComponent): Noticing => ({
  words: wordsFor(trial),
  ...{ checker: name, command: commandOf(trial) },
  advice: (word, subject) =>
    trial.type === 'module' && word === 'wrong-in-worker'
      ? `give ${subject} \`inputs\` for which it gives the same each time, so that there is something to compare`
      : scriptAdvice(word, subject),
  isNoticed: (finding, word) =>
    OF_THREADS.has(finding.code) ||
    isOfProgram(finding) ||
    (word === 'slow' && (finding.code === 'timeout' || finding.code === 'thread-hang')),
});

function within(component: ThreadsComponent, extent: ModuleTrial['extent']): ThreadsComponent {
  const { trial } = component;
  return trial.type === 'module' ? { ...component, trial: { ...trial, extent } } : component;
}

/** Faults are in what functions give: how threads end is left to the baseline. */
const calling = (component: ThreadsComponent): ThreadsComponent => within(component, 'calls');

/** The processes of a module's trial already run side by side. */
const sharing = ({ trial }: ThreadsComponent): Sharing | undefined =>
  trial.type === 'module' ? 'all' : undefined;

export const sabotage = defineSabotage<ThreadsComponent>({
  words: MODULE_FAULT_WORDS,
  // No fault has to do with all circumstances together, and each combination is a process.
  baseline: (component) => within(component, 'pairs'),
  sharing,
  instrument: async (component, folder, ground) => {
    const tried = triedBy(component, ground);
    if (!tried.ok) return tried;
    return ok(withModuleFault(calling(component), tried.value, { change: 'none' }, folder, ground));
  },
  barred: (component, control, ground) => {
    const tried = triedBy(component, ground);
    return tried.ok ? hooksBarred(component, control, tried.value, commandOf(component.trial)) : undefined;
  },
  derive: async (component, control, ground) => {
    const tried = triedBy(component, ground);
    if (!tried.ok) return { faults: [], unreachable: [] };
    const all = moduleFaults(calling(component), control, ground, tried.value, noticing(component));
    return { ...all, faults: all.faults.map((fault) => ({ ...fault, sharing: sharing(component) })) };
  },
});
