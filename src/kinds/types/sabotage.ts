/** Faults in declarations: a checker reads a copy with one of them changed, and must complain about the sample. */
import { basename } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { err, ok } from '../../core/result.ts';
import { defineSabotage, type Fault, type Faults, type Sharing, type Unreachable } from '../sabotage.ts';
import type { Surveyed, TypesComponent } from './component.ts';
import {
  DECLARATION_CHANGES,
  type DeclarationChange,
  type DeclarationSurvey,
  type DeclarationUse,
  type Edit,
} from './protocol.ts';
import { readSurvey } from './survey.ts';

interface Told {
  readonly deed: string;
  readonly advice: string;
}

const CONSTRAIN = 'give what it returns to something with a type: `const four: number = parse("4")`';

const TOLD: Readonly<Record<DeclarationChange, Told>> = {
  removed: {
    deed: 'was no longer declared',
    advice: 'import it by its name, from where it is typed; no `require` and no `any` on the way',
  },
  'wrong-return-type': { deed: 'returned another type', advice: CONSTRAIN },
  'wrong-type': {
    deed: 'had another type',
    advice: 'give it to something with a type: `const version: string = VERSION`',
  },
  'loses-parameter': {
    deed: 'took a parameter less',
    advice: 'call it with all its arguments, and not through something that is `any`',
  },
  'loses-types': {
    deed: 'was typed as any',
    advice:
      'add a line that uses it and must be refused, below `// @ts-expect-error` (in Python `# type: ignore` with warn_unused_ignores), in a function that is never called if it would fail; or a file of such lines as `negative`',
  },
};

/** How many unused exports are listed one by one. */
const MOST_UNUSED = 20;

/** Steps that run a sample, as opposed to those that check it. */
const RUNS_SAMPLE = /^sample(?:-|$)/;

/** Whether a checker complains about the sample, not about another file that uses the declaration as well. */
function isNoticed({ sample, package: tried }: TypesComponent, finding: Finding): boolean {
  if (finding.code === 'accepted-misuse') return true;
  const name = sample === null ? '' : basename(sample);
  if (finding.code === 'type-error') return tried !== null && finding.culprit === name;
  if (finding.code !== 'exit-code' || RUNS_SAMPLE.test(finding.step ?? '')) return false;
  // stubtest and pyright's count look at the declarations themselves.
  if (finding.step === 'stubtest' || finding.step === 'verifytypes') return true;
  return [finding.message, ...(finding.evidence ?? [])].some((line) =>
    [`${name}(`, `${name}:`].some((place) => line.includes(place)),
  );
}

const isMustOf = (change: DeclarationChange, { isMisused }: DeclarationUse): boolean =>
  change !== 'loses-types' || isMisused;

/** Reduces the component to one compiler and one way to resolve modules: the sample is the same for all. */
function narrowed(component: TypesComponent): TypesComponent {
  if (component.package === null) return component;
  return {
    ...component,
    typescript: [component.typescript.at(-1) ?? 'latest'],
    resolution: component.resolution.slice(0, 1),
  };
}

/** Each reads a copy of its own. mypy keeps a cache, which others would be writing to as well. */
const sharing = (component: TypesComponent): Sharing | undefined =>
  component.package !== null || component.language === 'typescript' ? 'all' : undefined;

function faultOf(
  component: TypesComponent,
  use: DeclarationUse,
  change: DeclarationChange,
  edits: readonly Edit[],
  survey: Surveyed,
  root: string,
): Fault {
  const { subject } = use;
  return {
    fault: change,
    subject,
    isDemanded: isMustOf(change, use),
    sharing: sharing(component),
    sabotage: (folder): TypesComponent => ({
      ...narrowed(component),
      overlay: { folder, root, survey, edits },
    }),
    // The control has shown that the copy is read.
    reach: () => ({ changed: 1, of: 1, unit: 'declaration' }),
    isNoticed: (finding) => isNoticed(component, finding),
    deed: `${subject} ${TOLD[change].deed}`,
    checker: component.sample === null ? 'the sample' : basename(component.sample),
    advice: TOLD[change].advice,
  };
}

function unusedOf({ unused }: DeclarationSurvey): Unreachable[] {
  const rest = unused.length - MOST_UNUSED;
  const subjects = [
    ...unused.slice(0, MOST_UNUSED),
    ...(rest > 0 ? [`${rest.toLocaleString('en-US')} more`] : []),
  ];
  return subjects.map((subject) => ({
    fault: 'removed',
    subject,
    isDemanded: false,
    reason: 'the sample does not use it',
    advice: 'use it in the sample, if its types are to be tried',
  }));
}

const NO_USE: Unreachable = {
  fault: 'removed',
  subject: null,
  isDemanded: true,
  reason: 'the sample uses nothing that the project declares, or a package that it imports',
  advice:
    'import what the sample is to try; if that is neither the project nor imported by the sample itself, name it as `prove: { module: … }`',
};

export const sabotage = defineSabotage<TypesComponent>({
  words: DECLARATION_CHANGES,
  instrument: async (component, folder, { root }) => {
    if (component.sample === null && component.negative.length === 0)
      return err({
        message: 'no sample uses what the package declares',
        hint: 'give it a `sample`, whose types can then be proved',
      });
    return ok({ ...narrowed(component), overlay: { folder, root, survey: null, edits: [] } });
  },
  derive: async (component, control, { root }): Promise<Faults> => {
    const survey = readSurvey(control.folder);
    if (survey === undefined || survey.uses.length === 0) return { faults: [], unreachable: [NO_USE] };
    const { copies, folders } = survey;
    const faults = DECLARATION_CHANGES.flatMap((change) =>
      survey.uses.flatMap((use) => {
        const edits = use.changes[change];
        return edits === undefined
          ? []
          : [faultOf(component, use, change, edits, { copies, folders, folder: control.folder }, root)];
      }),
    );
    return { faults, unreachable: unusedOf(survey) };
  },
});
