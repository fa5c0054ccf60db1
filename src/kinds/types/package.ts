/** Checks the types of a package as published: compares its exports with its declarations, and compiles them. */
import { realpathSync } from 'node:fs';
import { installPackage } from '../../consumer/install.ts';
import { parseSpec } from '../../consumer/spec.ts';
import { type TypedPackage, typedPackage } from '../../consumer/typed-package.ts';
import type { Finding } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { ComponentContext } from '../common/context.ts';
import { tellGrid } from '../common/grids.ts';
import { compareExports, findingsOf, isNothingLoaded, NOTHING_LOADED } from './compare.ts';
import { type Compiler, obtainCompiler } from './compilers.ts';
import { isForCheckers, type PackageTypesComponent } from './component.ts';
import { exportGrid } from './export-grid.ts';
import { findExports } from './exports.ts';
import { runMatrix } from './matrix.ts';
import { withMends } from './mend.ts';
import { removeCopy } from './overlay.ts';
import { mirrorPackage } from './overlay-package.ts';
import { API_VERSION } from './survey.ts';

export async function runPackageTypes(
  component: PackageTypesComponent,
  context: ComponentContext,
): Promise<Finding[]> {
  const typed = await obtainPackage(component, context);
  if (!typed.ok) return [typed.error];
  const api = await obtainCompiler(API_VERSION, context);
  if (!api.ok) return [api.error];
  const seen = await mirrorPackage(component, typed.value, api.value, context);
  if (!seen.ok) return [...seen.error];
  try {
    return await check(component, seen.value, api.value, context);
  } finally {
    removeCopy(component);
  }
}

async function check(
  component: PackageTypesComponent,
  typed: TypedPackage,
  api: Compiler,
  context: ComponentContext,
): Promise<Finding[]> {
  const found = await findExports(typed, api, component.overlay !== null, context);
  if (context.signal.aborted) return [...found.findings];
  const { hasTypes, folder } = typed;
  const differences = compareExports(found.entries, { folder: realpathSync(folder), hasTypes });
  if (!isForCheckers(component))
    tellGrid(exportGrid(typed.name, found.entries, differences, context), context);
  const findings = [...found.findings, ...withMends(findingsOf(differences), typed)];
  if (component.sample === null && isNothingLoaded(found.entries))
    return [...findings, ...(context.verdictOf(findings) === 'passed' ? [NOTHING_LOADED] : [])];
  return [...findings, ...(await runMatrix(component, typed, found.entries, context))];
}

async function obtainPackage(
  component: PackageTypesComponent,
  context: ComponentContext,
): Promise<Result<TypedPackage, Finding>> {
  const wanted = component.package;
  if (wanted.type === 'installed') return ok(wanted.installed);
  const spec = parseSpec(wanted.spec, component.cwd);
  const installed = spec.ok ? await installPackage(spec.value, context) : spec;
  if (installed.ok) return ok(typedPackage(installed.value));
  const { message, evidence = [], hint } = installed.error;
  return err({ code: 'cannot-start', message, evidence, ...(hint === undefined ? {} : { hint }) });
}
