/** The kinds of components that a config can have, in the order of the reference. */
import type { GenericSchema } from 'valibot';
import type { Component, ComponentBase } from '../domain/suite.ts';
import { buildCommand } from './command/build.ts';
import { CommandSchema } from './command/options.ts';
import type { CommonOptions } from './common/options.ts';
import type { Scope } from './common/scope.ts';
import { buildHttp } from './http/build.ts';
import { HttpSchema } from './http/options.ts';
import { buildInit } from './init/build.ts';
import { InitSchema } from './init/options.ts';
import { buildThreads } from './threads/build.ts';
import { ThreadsSchema } from './threads/options.ts';
import { buildTypes } from './types/build.ts';
import { TypesSchema } from './types/options.ts';

/** How a config words a kind, and what its words mean. */
interface Words<Options extends CommonOptions> {
  readonly schema: GenericSchema<unknown, Options>;
  /** What cannot be told from the form alone is told to the scope; without a component when there is too little for one. */
  build(options: Options, base: ComponentBase, scope: Scope): Component | undefined;
}

const words = <Options extends CommonOptions>(
  schema: Words<Options>['schema'],
  build: Words<Options>['build'],
): Words<CommonOptions> => ({ schema, build });

export const KINDS: ReadonlyMap<string, Words<CommonOptions>> = new Map([
  ['command', words(CommandSchema, buildCommand)],
  ['http', words(HttpSchema, buildHttp)],
  ['threads', words(ThreadsSchema, buildThreads)],
  ['types', words(TypesSchema, buildTypes)],
  ['init', words(InitSchema, buildInit)],
]);

/** @returns undefined when too much is wrong for a component; what is wrong has been told to the scope */
export const buildComponent = (
  options: CommonOptions & { readonly kind: string },
  base: ComponentBase,
  scope: Scope,
): Component | undefined => KINDS.get(options.kind)?.build(options, base, scope);
