import type { Finding } from '../domain/finding.ts';
import type { Component } from '../domain/suite.ts';
import { runBin } from './bin/run.ts';
import { runCommand } from './command/run.ts';
import type { ComponentContext } from './context.ts';
import { runEntries } from './entries/run.ts';
import { runHttp } from './http/run.ts';
import { runInit } from './init/run.ts';
import { runTypes } from './types/run.ts';

/** Runs one attempt at a component of any kind; all that it started has ended when this resolves. */
export async function runComponent(component: Component, context: ComponentContext): Promise<Finding[]> {
  switch (component.kind) {
    case 'command':
      return runCommand(component, context);
    case 'http':
      return runHttp(component, context);
    case 'threads': {
      const { runThreads } = await import('./threads/run.ts');
      return runThreads(component, context);
    }
    case 'types':
      return runTypes(component, context);
    case 'entries':
      return runEntries(component, context);
    case 'bin':
      return runBin(component, context);
    case 'init':
      return runInit(component, context);
  }
}
