/** The services and tasks of a suite: started when the first component needs them, ended after the last one has. */
import { addressVariables } from '../../core/address.ts';
import type { Finding, Meanwhile } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { closureOf, serviceOf } from '../../core/shared.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import type { Component, Environment, Shared } from '../../core/suite.ts';
import type { SharedServices } from '../../kinds/common/context.ts';
import { findPortHolder } from '../../process/system/sockets.ts';
import type { Run } from '../run-context.ts';
import { Instance, type Ready } from './instance.ts';

/** What a component may use while it runs. */
export interface Lease {
  /** The addresses of the services. */
  readonly env: Environment;
  readonly services: SharedServices;
  /** Resolves if one of them fails meanwhile. */
  readonly broken: Promise<Broken>;
  /** What one of them has failed of; waits up to `patience` milliseconds for what is under way. */
  readonly causeOf: (broken: Broken, patience: number) => Promise<Broken>;
  /** Waits up to `patience` milliseconds for failures that are under way: then `broken` resolves. */
  readonly settle: (patience: number) => Promise<void>;
  /** The component starts to use them: what they print from now on may explain what it meets. */
  readonly watchErrors: () => void;
  /** The first error that each has printed since. */
  readonly meanwhile: () => Meanwhile[];
  /** To be called when the attempt has ended: ends what was started for it alone. */
  readonly end: () => Promise<void>;
}

export interface Broken {
  /** Of the service. */
  readonly name: string;
  readonly finding: Finding;
  /** Resolves when nothing is left of what has failed. */
  readonly ended: Promise<void>;
}

/** Why a component cannot run: a finding, or nothing if it was cut short. */
export interface Lacking {
  readonly lacking: Finding | undefined;
}

/** One that is kept. */
export interface Kept extends Ready {
  /** Resolves if it fails after it was ready. */
  readonly broken: Promise<Finding>;
}

/** For whom instances are started. */
interface User {
  /** Of the attempt; empty: nobody in particular. */
  readonly id: string;
  /** What it does not share with others, although these do. */
  readonly own: ReadonlySet<string>;
}

const EVERYBODY: User = { id: '', own: new Set() };

/** It names the user, if it is for that one alone. */
const instanceName = ({ name, fresh }: Shared, { id, own }: User): string =>
  fresh || own.has(name) ? `${name}@${id}` : name;

const specName = (instance: string): string => instance.split('@')[0] ?? instance;

/** What exists, or is about to. */
interface Entry {
  readonly made: Promise<Instance | Lacking>;
  readonly cut: AbortController;
}

interface Obtained {
  readonly instance: Instance;
  readonly ready: Ready;
}

const addressesOf = (all: readonly Obtained[]): Environment =>
  Object.assign(
    {},
    ...all.flatMap(({ instance, ready: { address, variables = {} } }) => [
      address === null ? {} : addressVariables(instance.spec.name, address),
      variables,
    ]),
  );

/** As much of an instance as its failure is told by. */
interface Failing extends Pick<Instance, 'broken' | 'ended'> {
  readonly spec: Pick<Shared, 'name' | 'needs'>;
}

async function brokenOf({ spec: { name }, broken, ended }: Failing): Promise<Broken> {
  return { name, finding: await broken, ended };
}

/**
 * What a service has failed of: one that it needs may have died, and taken it along.
 *
 * @param all each after those that it needs
 * @param patience milliseconds that a death gets to become visible
 */
export async function causeOf(
  broken: Broken,
  all: readonly { readonly instance: Failing; readonly ready: Pick<Ready, 'hasDied'> }[],
  patience: number,
): Promise<Broken> {
  const needed = closureOf(
    [broken.name],
    all.map(({ instance }) => instance.spec),
  );
  const suspects = all.filter(
    ({ instance: { spec } }) => spec.name !== broken.name && needed.includes(spec.name),
  );
  const died = await Promise.all(suspects.map(({ ready }) => ready.hasDied(patience)));
  const cause = suspects.find((_, index) => died[index] === true);
  return cause === undefined ? broken : brokenOf(cause.instance);
}

function leaseOf(all: readonly Obtained[]): Omit<Lease, 'end'> {
  return {
    env: addressesOf(all),
    services: new Map(
      all.flatMap(({ instance, ready: { address, pid, kill } }) =>
        address === null ? [] : [[instance.spec.name, { address, pid, kill }]],
      ),
    ),
    broken: Promise.race(all.map(({ instance }) => brokenOf(instance))),
    causeOf: (broken, patience) => causeOf(broken, all, patience),
    settle: async (patience) => {
      await Promise.all(
        all.map(async ({ instance, ready }) => {
          if (await ready.hasDied(patience)) await instance.broken;
        }),
      );
    },
    watchErrors: () => {
      for (const { ready } of all) ready.watchErrors();
    },
    meanwhile: () =>
      all.flatMap(({ instance, ready }) => {
        const message = ready.firstError();
        return message === undefined ? [] : [{ step: instance.spec.name, message }];
      }),
  };
}

export class SharedPool {
  readonly #run: Run;
  readonly #env: Environment;
  readonly #specs: ReadonlyMap<string, Shared>;
  /** The components that still need it, by the name of a service or task. */
  readonly #users: ReadonlyMap<string, Set<string>>;
  /** By the name of the instance. */
  readonly #entries = new Map<string, Entry>();
  /** By the name of a service, the port that was picked for it: one that is started once more keeps it if it can. */
  readonly #ports = new Map<string, number>();
  /** By the name of a service, how long the last one took to be ready. */
  readonly #readyAfter = new Map<string, number>();
  #started = 0;
  /** How often each instance has been started. */
  readonly #starts = new Map<string, number>();
  #staysUp = false;

  /** @param env what everything of the run inherits */
  constructor(run: Run, env: Environment) {
    const { shared, components } = run.plan;
    this.#run = run;
    this.#env = env;
    this.#specs = new Map(shared.map((spec) => [spec.name, spec]));
    this.#users = new Map(shared.map(({ name }) => [name, new Set()]));
    for (const { component } of components)
      for (const name of closureOf(component.uses, shared)) this.#users.get(name)?.add(component.name);
  }

  /**
   * Waits until all that a component needs is ready, and starts what does not exist yet.
   *
   * @param id of the attempt: what is started for it alone is called after it
   * @param alone what it does not share with others, and so nothing that needs this
   */
  async lease(
    { uses }: Pick<Component, 'uses'>,
    id: string,
    alone: readonly string[] = [],
  ): Promise<Lease | Lacking> {
    const { shared } = this.#run.plan;
    const names = closureOf(uses, shared);
    const own = names.filter((name) => closureOf([name], shared).some((each) => alone.includes(each)));
    const end = (): Promise<void> => this.#endWhere((key) => key.endsWith(`@${id}`));
    const all = await this.#ready(names, { id, own: new Set(own) });
    if (all.ok) return { ...leaseOf(all.value), end };
    await end();
    return all.error;
  }

  /** Waits until all of these are ready; what does not exist yet is started, side by side. */
  async #ready(names: readonly string[], user: User): Promise<Result<Obtained[], Lacking>> {
    const made = await Promise.all(names.map((name) => this.#obtain(name, user)));
    const results = await Promise.all(
      made.map(async (instance): Promise<Result<Obtained, Lacking>> => {
        if (!(instance instanceof Instance)) return err(instance);
        const ready = await instance.ready;
        if (!ready.ok) return err({ lacking: ready.error });
        return instance.failure === undefined
          ? ok({ instance, ready: ready.value })
          : err({ lacking: instance.failure });
      }),
    );
    const lacking = results.flatMap((result) => (result.ok ? [] : [result.error]));
    const why = lacking.find(({ lacking }) => lacking !== undefined) ?? lacking[0];
    return why === undefined ? ok(results.flatMap((result) => (result.ok ? [result.value] : []))) : err(why);
  }

  /** The instance of that name for this attempt; started, once those that it needs are ready, if there is none. */
  #obtain(name: string, user: User): Promise<Instance | Lacking> {
    const spec = this.#specs.get(name);
    if (spec === undefined) throw new Error(`nothing shared is called ${name}: it must have been refused`);
    const key = instanceName(spec, user);
    const known = this.#entries.get(key);
    if (known !== undefined) return known.made;
    const cut = new AbortController();
    const made = this.#start(spec, key, user, cut.signal);
    this.#entries.set(key, { made, cut });
    return made;
  }

  /** @param cut aborts when nobody needs it any more: it may still be waiting for what it needs */
  async #start(spec: Shared, key: string, user: User, cut: AbortSignal): Promise<Instance | Lacking> {
    const { plan, control } = this.#run;
    const needed = await untilAborted(this.#ready(closureOf(spec.needs, plan.shared), user), cut);
    if (needed?.ok === false) return needed.error;
    if (needed === undefined || control.stop.aborted) return { lacking: undefined };
    const env = { ...this.#env, ...addressesOf(needed.value) };
    this.#started += 1;
    // Unlike its name, unique within the run.
    const own = { id: `shared-${this.#started}-${spec.name}`, logName: this.#logName(key) };
    const service = serviceOf(spec);
    const free = await this.#portKept(key);
    // With faults before it, this is the port that its users know.
    const isFaulty = service !== undefined && service.via.length > 0;
    const kept = isFaulty || free === undefined ? {} : { port: free };
    const isJudged = plan.components.length > 0 && !this.#staysUp;
    const instance = new Instance(spec, key, own, env, this.#run, async (of) => {
      const terms = { ...of, isJudged, frontPort: isFaulty ? free : undefined };
      if (spec.type === 'external') return (await import('./external.ts')).reachExternal(spec, terms);
      if (spec.type === 'service')
        return (await import('./service.ts')).keepService({ ...spec.service, ...kept }, terms);
      if (spec.type === 'container') {
        const again = { ...spec, service: { ...spec.service, ...kept } };
        return (await import('./container.ts')).keepContainer(again, terms);
      }
      if (spec.type === 'compose') return (await import('./compose.ts')).keepCompose(spec, terms);
      return (await import('./task.ts')).carryOutTask(spec, terms, this.#run);
    });
    void instance.ready.then((ready) => {
      if (ready.ok) this.#readyAfter.set(spec.name, ready.value.readyAfterMs);
      const port = ready.ok ? (ready.value.address?.port ?? null) : null;
      if ((isFaulty || service?.port === 0) && port !== null) this.#ports.set(key, port);
    });
    return instance;
  }

  /** Like that of a component, which never has the name of a service: `db.log`, and when it is started again, `db.2.log`. */
  #logName(key: string): string {
    const count = (this.#starts.get(key) ?? 0) + 1;
    this.#starts.set(key, count);
    // A colon or `@` may not stand in the name of an artifact.
    const name = key.replaceAll(/[@:]/g, '-');
    return count === 1 ? `${name}.log` : `${name}.${count}.log`;
  }

  /** The port that a service has had, if it is free. */
  async #portKept(key: string): Promise<number | undefined> {
    const port = this.#ports.get(key);
    if (port === undefined) return undefined;
    const holder = await findPortHolder(port).catch(() => 'unknown');
    return holder === undefined ? port : undefined;
  }

  /**
   * Starts one, and what it needs, for somebody who keeps it until `end`, or until everything is ended. What had been
   * ended or has failed is started once more.
   *
   * @returns what it is reached by, or why it is not
   */
  async keep(name: string): Promise<Kept | Lacking> {
    for (const each of closureOf([name], this.#run.plan.shared)) await this.#forgetIfGone(each);
    const all = await this.#ready([name], EVERYBODY);
    if (!all.ok) return all.error;
    const [kept] = all.value;
    return kept === undefined ? { lacking: undefined } : { ...kept.ready, broken: kept.instance.broken };
  }

  async #forgetIfGone(name: string): Promise<void> {
    const known = this.#entries.get(name);
    const made = await known?.made;
    const isGone = made instanceof Instance ? made.isGone : made !== undefined;
    if (isGone && this.#entries.get(name) === known) this.#entries.delete(name);
  }

  /** Ends one alone: what needs it goes on. */
  async end(name: string): Promise<void> {
    await this.#endWhere((key) => key === name);
  }

  /** Milliseconds that a service took to be ready when it was last started; 0 if it never was. */
  readyAfter(name: string): number {
    return this.#readyAfter.get(name) ?? 0;
  }

  /** From now on what nobody needs any more stays up. */
  stayUp(): void {
    this.#staysUp = true;
  }

  /** Ends these, what has failed, and what needs one of them: all is started anew when it is needed. */
  async renew(names: readonly string[]): Promise<void> {
    const { shared } = this.#run.plan;
    const meant = [...names];
    for (const [key, { made }] of this.#entries) {
      const instance = await made;
      if (!(instance instanceof Instance) || instance.isGone) meant.push(specName(key));
    }
    await this.#endWhere((key) => closureOf([specName(key)], shared).some((name) => meant.includes(name)));
  }

  /** A component has its verdict, or will not run: ends what no other needs. */
  async settle(component: string): Promise<void> {
    if (this.#staysUp) return;
    for (const users of this.#users.values()) users.delete(component);
    await this.#endWhere((key) => this.#users.get(key)?.size === 0);
  }

  /** Ends everything. */
  async close(): Promise<void> {
    await this.#endWhere(() => true);
  }

  /** Ends instances side by side, each after those that need it. */
  async #endWhere(isMeant: (name: string) => boolean): Promise<void> {
    const meant = [...this.#entries].filter(([key]) => isMeant(key));
    for (const [, { cut }] of meant) cut.abort();
    const ends: { readonly needed: ReadonlySet<string>; readonly ended: Promise<void> }[] = [];
    // What needs it stands after it in the suite; one that was started once more would be the last otherwise.
    const order = new Map([...this.#specs.keys()].map((name, index) => [name, index]));
    const rank = (key: string): number => order.get(specName(key)) ?? -1;
    meant.sort(([a], [b]) => rank(b) - rank(a));
    for (const [key, { made }] of meant) {
      const name = specName(key);
      const users = ends.filter(({ needed }) => needed.has(name));
      const end = async (): Promise<void> => {
        const instance = await made;
        await Promise.all(users.map(({ ended }) => ended));
        if (instance instanceof Instance) await instance.end();
        this.#entries.delete(key);
      };
      const needed = new Set(closureOf([name], this.#run.plan.shared));
      needed.delete(name);
      ends.push({ needed, ended: end() });
    }
    await Promise.all(ends.map(({ ended }) => ended));
  }
}
