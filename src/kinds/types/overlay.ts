/** What the checkers of a sample read: its project as it is, or with a copy of what it declares. */
import { cpSync, existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Environment } from '../../core/suite.ts';
import type { ComponentContext } from '../common/context.ts';
import type { Overlay, SampleTypesComponent } from './component.ts';
import { copiesOf } from './edits.ts';
import { commonFolder, mirror } from './mirror.ts';
import type { CopiedFile, DeclarationSurvey } from './protocol.ts';
import { surveyPython, surveyTypescript } from './survey.ts';
import { nearest, type Standpoint } from './tsc.ts';

/** A sample as its checkers see it. */
export interface View extends Standpoint {
  /** Absolute path. */
  readonly sample: string;
  /** Absolute paths. */
  readonly negative: readonly string[];
  readonly env: Environment;
  /** Further arguments for pyright. */
  readonly pyright: readonly string[];
  /** Absolute paths of the copies that are not empty. */
  readonly copies: readonly string[];
}

const CACHE = 'mypy-cache';

type Copied = Pick<DeclarationSurvey, 'copies' | 'folders'>;
type Viewed = Result<View, readonly Finding[]>;

/** @returns what to check; `removeCopy` is to be called afterwards */
export async function viewOf(component: SampleTypesComponent, context: ComponentContext): Promise<Viewed> {
  const { overlay, cwd, sample, negative } = component;
  const asItIs: View = { cwd, sample, negative, env: context.env, mirror: null, pyright: [], copies: [] };
  return overlay === null ? ok(asItIs) : copied(component, overlay, asItIs, context);
}

/** Absolute path of the copy. */
export const copyIn = ({ folder }: Overlay): string => join(folder, 'copy');

export function removeCopy({ overlay }: Pick<SampleTypesComponent, 'overlay'>): void {
  if (overlay === null) return;
  rmSync(copyIn(overlay), { recursive: true, force: true });
  // The control's cache serves the trials after it.
  if (overlay.survey !== null) rmSync(join(overlay.folder, CACHE), { recursive: true, force: true });
}

async function copied(
  component: SampleTypesComponent,
  overlay: Overlay,
  asItIs: View,
  context: ComponentContext,
): Promise<Viewed> {
  const isPython = component.language === 'python';
  const survey = isPython
    ? () => surveyPython(component, overlay, context)
    : () => surveyTypescript(component, overlay.folder, context);
  const found = overlay.survey === null ? await survey() : ok(overlay.survey);
  if (!found.ok) return err(found.error);
  mkdirSync(copyIn(overlay), { recursive: true });
  const into = realpathSync(copyIn(overlay));
  return ok(
    isPython ? pythonView(found.value, overlay, into, asItIs) : mirrored(found.value, overlay, into, asItIs),
  );
}

/** A mirror of the project. */
function mirrored({ copies, folders }: Copied, { edits }: Overlay, into: string, view: View): View {
  const [cwd, sample] = [realpathSync(view.cwd), realpathSync(view.sample)];
  const negative = view.negative.map((file) => realpathSync(file));
  const config = nearest('tsconfig.json', dirname(sample));
  const own = [cwd, ...[sample, ...negative, ...(config === undefined ? [] : [config])].map(dirname)];
  const top = commonFolder([...own, ...folders, ...copies.map(({ file }) => dirname(file))]);
  mirror(top, into, copiesOf(copies, edits), own);
  const at = (path: string): string => join(into, relative(top, path));
  return {
    ...view,
    cwd: at(cwd),
    sample: at(sample),
    negative: negative.map(at),
    mirror: into,
    copies: copies.filter(({ muted }) => muted.length > 0).map(({ file }) => at(file)),
  };
}

/** A folder of stubs, which take precedence over everything installed. */
function pythonView({ copies }: Copied, { folder, edits, survey }: Overlay, into: string, view: View): View {
  const texts = copiesOf(copies, edits);
  const paths = copies.map((copy) => putStub(copy, texts.get(copy.file) ?? '', into));
  const cache = join(folder, CACHE);
  // A warm cache: what has not changed need not be read again.
  const warm = survey === null ? undefined : join(survey.folder, CACHE);
  if (warm !== undefined && existsSync(warm)) cpSync(warm, cache, { recursive: true });
  const { MYPYPATH } = view.env;
  const env = {
    ...view.env,
    MYPYPATH: MYPYPATH === undefined || MYPYPATH === '' ? into : `${into}${delimiter}${MYPYPATH}`,
    MYPY_CACHE_DIR: cache,
  };
  return { ...view, env, pyright: pyrightProject(into, view), copies: paths };
}

function putStub({ file, at }: CopiedFile, text: string, into: string): string {
  const path = join(into, at ?? relative('/', file));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A config for pyright that extends the project's, if it has one, and looks among the stubs first. */
function pyrightProject(into: string, { cwd }: View): string[] {
  const own = nearest('pyrightconfig.json', cwd) ?? nearest('pyproject.toml', cwd);
  const path = join(dirname(into), 'pyrightconfig.json');
  const extending = own === undefined ? {} : { extends: own };
  writeFileSync(path, JSON.stringify({ ...extending, stubPath: into, extraPaths: [cwd] }));
  return ['--project', path];
}

/**
 * Writes nonsense into the copies.
 *
 * @returns whether any of it must make a checker complain
 */
export function provesToBeRead({ overlay }: SampleTypesComponent, { copies }: View): boolean {
  if (overlay === null) return false;
  for (const path of copies) writeFileSync(path, 'this is } no declaration\n');
  return copies.length > 0;
}
