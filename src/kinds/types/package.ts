/** Checks the types of a package as published: compares its exports with its declarations, and compiles them. */
import { realpathSync } from 'node:fs';
import { installPackage } from '../../consumer/install.ts';
import { parseSpec } from '../../consumer/spec.ts';
import { type TypedPackage, typedPackage } from '../../consumer/typed-package.ts';
import type { Finding } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { ComponentContext } from '../common/context.ts';
import { compareExports } from './compare.ts';
import { obtainCompiler } from './compilers.ts';
import type { PackageTypesComponent } from './component.ts';
import { findExports } from './exports.ts';
import { runMatrix } from './matrix.ts';

/** TypeScript 7 has no stable API. Pinned, as the harness uses a few internals. */
const API_VERSION = '5.9.3';

export async function runPackageTypes(
  component: PackageTypesComponent,
  context: ComponentContext,
): Promise<Finding[]> {
  const typed = await obtainPackage(component, context);
  if (!typed.ok) return [typed.error];
  const api = await obtainCompiler(API_VERSION, context);
  if (!api.ok) return [api.error];
  const found = await findExports(typed.value, api.value, context);
  if (context.signal.aborted) return [...found.findings];
  const { hasTypes, folder } = typed.value;
  const findings = [
    ...found.findings,
    ...compareExports(found.entries, { folder: realpathSync(folder), hasTypes }),
  ];
  return [...findings, ...(await runMatrix(component, typed.value, found.entries, context))];
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
