/** Who takes part in a run: its seats, and the agents that hold them. Runs in the sandbox of the workflow. */
import {
  CancellationScope,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { PoolActivities } from './activities.ts';
import { AS_LONG_AS_IT_TAKES, ONCE, on, saidIn } from './asking.ts';
import { type Seated, taskId } from './protocol.ts';

const seatedSignal = defineSignal<[Seated]>('seated');

export class HeldSeats {
  readonly #count: number;
  readonly #seats = new Map<number, Seated>();
  /** Agents that will do nothing any more. */
  readonly #gone = new Set<Seated>();
  /** Why agents have given up their seats since the start, by their parts. */
  readonly #left = new Map<number, string>();
  readonly #holding = new CancellationScope();
  #hasBegun = false;

  /** Offers so many seats to the agents of the pool. */
  constructor(count: number) {
    this.#count = count;
    setHandler(seatedSignal, (seated) => void this.#seats.set(seated.seat, seated));
    this.#holding
      .run(() => Promise.all(Array.from({ length: count }, (_, seat) => this.#hold(seat))))
      .catch(() => {});
  }

  /** An agent that leaves before the start makes room for another. */
  async #hold(seat: number): Promise<void> {
    const { attend } = proxyActivities<PoolActivities>({
      activityId: taskId('attend', seat),
      startToCloseTimeout: AS_LONG_AS_IT_TAKES,
      heartbeatTimeout: '15s',
      retry: ONCE,
    });
    while (!this.#hasBegun) {
      try {
        await attend(seat);
        return;
      } catch (error) {
        if (isCancellation(error)) return;
        const said = saidIn(error);
        if (!this.#hasBegun) this.#seats.delete(seat);
        else if (said !== undefined) this.#left.set(seat, said);
      }
    }
  }

  get taken(): number {
    return this.#seats.size;
  }

  get isComplete(): boolean {
    return this.taken === this.#count;
  }

  /** In the order of their parts. */
  get all(): Seated[] {
    return [...this.#seats.values()].sort((a, b) => a.seat - b.seat);
  }

  /** Agents that are still there. */
  get present(): Seated[] {
    return this.all.filter((seated) => !this.#gone.has(seated));
  }

  /** From now on nobody takes the place of another. */
  begin(): void {
    this.#hasBegun = true;
  }

  /** It will do nothing any more. */
  setGone(seated: Seated): void {
    this.#gone.add(seated);
  }

  /** @returns why an agent has given up its seat; undefined if it has not said so */
  whyLeft({ seat }: Seated): string | undefined {
    return this.#left.get(seat);
  }

  /** The run is over. */
  async release(): Promise<void> {
    this.#holding.cancel();
    await Promise.allSettled(
      this.present.map((seated) => on(seated, { scheduleToCloseTimeout: '2s' }).release()),
    );
  }
}
