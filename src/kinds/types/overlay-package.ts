/** A package as its consumer sees it, with a copy of what it declares. */
import { mkdirSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TypedPackage } from '../../consumer/typed-package.ts';
import type { Finding } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { ComponentContext } from '../common/context.ts';
import type { Compiler } from './compilers.ts';
import type { PackageTypesComponent } from './component.ts';
import { copiesOf } from './edits.ts';
import { mirror } from './mirror.ts';
import { copyIn } from './overlay.ts';
import { surveyFile, surveyPackage } from './survey.ts';

/** @returns the same package, in a mirror of its consumer if it has an overlay */
export async function mirrorPackage(
  component: PackageTypesComponent,
  typed: TypedPackage,
  api: Compiler,
  context: ComponentContext,
): Promise<Result<TypedPackage, readonly Finding[]>> {
  const { overlay } = component;
  if (overlay === null) return ok(typed);
  const found =
    overlay.survey === null
      ? await surveyPackage(component, typed, api, surveyFile(overlay.folder), context)
      : ok(overlay.survey);
  if (!found.ok) return err(found.error);
  mkdirSync(copyIn(overlay), { recursive: true });
  const consumer = realpathSync(copyIn(overlay));
  const original = realpathSync(typed.consumer);
  mirror(original, consumer, copiesOf(found.value.copies, overlay.edits), [join(original, 'scratch')]);
  const inCopy = (folder: string): string => join(consumer, relative(typed.consumer, folder));
  const loaded = { ...typed.loaded, folder: inCopy(typed.loaded.folder) };
  return ok({ ...typed, consumer, folder: inCopy(typed.folder), loaded });
}
