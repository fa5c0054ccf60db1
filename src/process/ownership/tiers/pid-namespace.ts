/**
 * Linux PID namespaces: what is started inside cannot leave, whatever it does to its environment, files, session or
 * parents; and when the namespace's first process ends, the kernel kills all others at once.
 *
 * Commands enter by `nsenter`, and lead a session that they can see by `setsid`. Each attempt has its own namespace, so that
 * its mounts do not reach the next one; it is made ahead, during the attempt before (`namespaces.ts`).
 */
import type { Clock } from '../../../core/clock.ts';
import { Lanes } from '../../../core/lanes.ts';
import { ok, type Result } from '../../../core/result.ts';
import type { ProcessInfo } from '../../system/proc.ts';
import type { Crowd } from '../crowd.ts';
import { type Ending, NOBODY } from '../ending.ts';
import type { ProcessFinder } from '../finder.ts';
import { endAll } from '../terminate.ts';
import { Claims } from './claims.ts';
import { findTools, type Namespace, NamespaceMaker, type Tools } from './namespaces.ts';
import type { Argv, Enclosure, Place, Tier } from './tier.ts';

/** In milliseconds after the start of an attempt: then the next one's namespace is made, out of the attempt's way. */
const PREPARE_AFTER = 2;

/** So many may be starting at once: of hundreds, few would be up in time. */
const MOST_STARTING = 16;

class NamespaceEnclosure implements Enclosure {
  readonly needsLimit = false;
  readonly #namespace: Namespace;
  readonly #tools: Tools;
  readonly #entersFolders: () => boolean;
  readonly #of: string;
  readonly #clock: Clock;
  readonly #giveUp: (namespace: Namespace) => void;
  readonly #claims = new Claims();

  constructor(
    namespace: Namespace,
    { tools, entersFolders }: { readonly tools: Tools; readonly entersFolders: () => boolean },
    of: string,
    clock: Clock,
    giveUp: (namespace: Namespace) => void,
  ) {
    this.#namespace = namespace;
    this.#tools = tools;
    this.#entersFolders = entersFolders;
    this.#of = of;
    this.#clock = clock;
    this.#giveUp = giveUp;
  }

  placeFor(): Place {
    const claims = this.#claims;
    let finder: ProcessFinder | undefined;
    return {
      admit: (asking, isHeld) => {
        finder = asking;
        claims.add(asking, isHeld);
      },
      enter: (argv, cwd) => ({ argv: this.#enter(argv, cwd), isWrapper: true }),
      strays: (crowd, isKnown) =>
        finder === undefined
          ? []
          : claims.of(
              finder,
              this.#inside(crowd).filter((info) => !isKnown(info)),
            ),
      leave: () => finder !== undefined && claims.remove(finder),
    };
  }

  #enter(argv: Argv, cwd: string): Argv {
    const { nsenter, env, setsid } = this.#tools;
    // The folder is entered by its path inside: one that was opened outside has no path there, nor has one opened
    // through /proc/PID/root when a link on the way leads outside.
    const folder = this.#entersFolders() ? [`--wdns=${cwd}`, '--'] : ['--', env, `--chdir=${cwd}`];
    return [nsenter, ...this.#namespace.nsenterArgs, ...folder, setsid, ...argv];
  }

  #inside(crowd: Crowd): ProcessInfo[] {
    return crowd.inNamespace(this.#namespace.id).filter(({ pid }) => pid !== this.#namespace.first.pid);
  }

  async close(): Promise<Ending> {
    const ending = await endAll({ strays: (crowd) => this.#inside(crowd) }, this.#of, this.#clock);
    this.#giveUp(this.#namespace);
    return ending;
  }
}

export class PidNamespaceTier implements Tier {
  readonly name = 'pid-namespace';
  readonly #tools: Tools;
  readonly #isUser: boolean;
  readonly #clock: Clock;
  /** The last one is asked; another takes its place if it is killed. */
  readonly #makers: NamespaceMaker[];
  /** Namespaces made, or being made, and not used yet. */
  readonly #spare: Promise<Result<Namespace, string>>[];
  /** Namespaces of attempts, and those that are ending. */
  readonly #used = new Set<Namespace>();
  readonly #endings = new Set<Promise<void>>();
  readonly #lanes = new Lanes(MOST_STARTING);
  #toCome = 0;
  #preparation: NodeJS.Timeout | undefined;

  private constructor(
    tools: Tools,
    isUser: boolean,
    clock: Clock,
    maker: NamespaceMaker,
    first: Result<Namespace, string>,
  ) {
    this.#tools = tools;
    this.#isUser = isUser;
    this.#clock = clock;
    this.#makers = [maker];
    this.#spare = [Promise.resolve(first)];
  }

  /**
   * @param isUser makes a user namespace as well, which ordinary users need, and which disables `sudo` and `su`
   * @returns the tier with its first namespace, or why the machine does not permit it
   */
  static async create(isUser: boolean, clock: Clock): Promise<Result<PidNamespaceTier, string>> {
    const tools = findTools();
    if (!tools.ok) return tools;
    const maker = new NamespaceMaker(tools.value, isUser);
    const first = await maker.make();
    if (first.ok) return ok(new PidNamespaceTier(tools.value, isUser, clock, maker, first));
    await maker.close();
    return first;
  }

  expect(attempts: number): void {
    this.#toCome = attempts;
  }

  async open(of: string): Promise<Enclosure> {
    this.#toCome -= 1;
    const namespace = await this.#take();
    this.#used.add(namespace);
    clearTimeout(this.#preparation);
    this.#preparation = setTimeout(() => this.#prepare(), PREPARE_AFTER).unref();
    const means = {
      tools: this.#tools,
      entersFolders: () => this.#makers.some(({ entersFolders }) => entersFolders),
    };
    return new NamespaceEnclosure(namespace, means, of, this.#clock, (used) => this.#end(used));
  }

  #prepare(): void {
    if (this.#toCome > 0 && this.#spare.length === 0) this.#spare.push(this.#start());
  }

  #start(): Promise<Result<Namespace, string>> {
    return this.#lanes.run(async () => {
      const maker = this.#maker();
      const made = await maker.make();
      return made.ok || !maker.isGone ? made : this.#maker().make();
    });
  }

  #maker(): NamespaceMaker {
    const last = this.#makers.at(-1);
    if (last?.isGone === false) return last;
    const next = new NamespaceMaker(this.#tools, this.#isUser);
    this.#makers.push(next);
    return next;
  }

  async #take(): Promise<Namespace> {
    const spare = await this.#spare.pop();
    if (spare?.ok === true && !spare.value.isOver) return spare.value;
    const started = await this.#start();
    if (!started.ok) throw new Error(`no more PID namespaces can be made: ${started.error}`);
    return started.value;
  }

  #end(namespace: Namespace): void {
    this.#used.delete(namespace);
    const ending = namespace.end().finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  async close(): Promise<Ending> {
    clearTimeout(this.#preparation);
    this.#toCome = 0;
    for (const spare of await Promise.all(this.#spare.splice(0))) if (spare.ok) this.#end(spare.value);
    for (const namespace of this.#used) this.#end(namespace);
    await Promise.all(this.#endings);
    await Promise.all(this.#makers.map((maker) => maker.close()));
    return NOBODY;
  }
}
