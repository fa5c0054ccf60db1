/** The addresses at which a service is asked must be those of this machine: elsewhere, another one would answer. */
import { networkInterfaces } from 'node:os';
import type { Finding } from '../../core/finding.ts';
import type { Service } from '../../core/suite.ts';
import { singleProbes } from '../probes/probe.ts';
import { isOwnAddress } from '../system/free-port.ts';

/** @returns a finding that names an address of another machine; undefined when there is none */
export async function checkAddresses({
  name,
  ready,
}: Pick<Service, 'name' | 'ready'>): Promise<Finding | undefined> {
  for (const probe of singleProbes(ready)) {
    const host = 'host' in probe ? probe.host : undefined;
    if (host === undefined || (await isOwnAddress(host))) continue;
    return {
      code: 'not-ready',
      step: name,
      message: `${name} was not started: ${host}, at which \`ready\` asks, is no address of this machine`,
      hint: `correct \`host\`: this machine has ${addresses().join(', ')}; for a service on another one there is --use ${name}=URL`,
      waitedMs: 0,
    };
  }
  return undefined;
}

const addresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((own) => (own ?? []).map(({ address }) => address));
