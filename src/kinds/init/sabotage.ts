/** Faults in a module that is loaded in fresh processes: it cannot be imported, its first use fails, or it breaks a claim. */
import type { FindingCode } from '../../core/finding.ts';
import { ok, type Result } from '../../core/result.ts';
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
import { defineSabotage, type Ground, type Nothing } from '../sabotage.ts';
import {
  forBaseline,
  forCalls,
  forControl,
  INIT_CLAIM_WORDS,
  initClaims,
  sharing,
  untimed,
} from './claims.ts';
import type { InitComponent } from './component.ts';

function triedBy(component: InitComponent, ground: Ground): Result<UnderTest, Nothing> {
  const { language, module, cwd, prove } = component;
  if (prove.modules.length > 0) return underTest(component, ground, [language]);
  return ok({ runtime: language, modules: [moduleNamed(module, cwd, language)] });
}

const OF_INIT = new Set<FindingCode>(['init-failed', 'init-hang', 'cannot-load', 'singleton-differs']);

/** Without a `use` it is only loaded: none of its functions is called. */
const noticing = ({ name, use }: InitComponent): Noticing => ({
  words: {
    'import-fails': true,
    ...(use === null ? {} : { raises: true, 'wrong-result': false, 'returns-nothing': false }),
  },
  ...{ checker: name, command: null },
  advice: scriptAdvice,
  isNoticed: (finding) => OF_INIT.has(finding.code) || isOfProgram(finding),
});

export const sabotage = defineSabotage<InitComponent>({
  words: [...MODULE_FAULT_WORDS, ...INIT_CLAIM_WORDS],
  baseline: forBaseline,
  sharing,
  instrument: async (component, folder, ground) => {
    const tried = triedBy(component, ground);
    return tried.ok
      ? ok(withModuleFault(forControl(component), tried.value, { change: 'none' }, folder, ground))
      : tried;
  },
  barred: (component, control, ground) => {
    const tried = triedBy(component, ground);
    return tried.ok ? hooksBarred(component, control, tried.value, null) : undefined;
  },
  derive: async (component, control, ground) => {
    const tried = triedBy(component, ground);
    if (!tried.ok) return { faults: [], unreachable: [] };
    const { faults, unreachable } = moduleFaults(
      forCalls(component),
      control,
      ground,
      tried.value,
      noticing(component),
    );
    // The point of init is to load the module: nobody expects it to call everything.
    const sharers = faults.map((fault) => ({ ...fault, sharing: sharing(untimed(component)) }));
    return {
      faults: [...sharers, ...initClaims(component, tried.value, control, ground)],
      unreachable: component.use === null ? unreachable.filter(({ isDemanded }) => isDemanded) : unreachable,
    };
  },
});
