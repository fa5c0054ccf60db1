/** Who takes part in a run: its seats, and the agents that hold them. Runs in the sandbox of the workflow. */
import {
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { PoolActivities } from './activities.ts';
import { AS_LONG_AS_IT_TAKES, ONCE, on, saidIn } from './asking.ts';
import { ASK_ONE_FOR } from './patience.ts';
import { offerId, type RunInput, type Seated } from './protocol.ts';

const seatedSignal = defineSignal<[Seated]>('seated');

export class HeldSeats {
  readonly #count: number;
  readonly #until: number;
  readonly #seats = new Map<number, Seated>();
  /** What ends the present offer of each seat. */
  readonly #offers = new Map<number, CancellationScope>();
  /** Agents that will do nothing any more. */
  readonly #gone = new Set<Seated>();
  /** What agents have said that have given up their seats since all were taken, by their parts; null: nothing, they were not heard. */
  readonly #left = new Map<number, string | null>();
  #isWhole = false;

  /** Offers the seats to the agents of the pool. */
  constructor({ agents, attendWithinMs }: RunInput) {
    this.#count = agents;
    this.#until = Date.now() + attendWithinMs;
    setHandler(seatedSignal, (seated) => void this.#seats.set(seated.seat, seated));
    for (let seat = 0; seat < agents; seat += 1) this.#offer(seat, 0);
  }

  /** @param again how often it was offered before to others that are gone */
  #offer(seat: number, again: number): void {
    const scope = new CancellationScope();
    this.#offers.set(seat, scope);
    this.#left.delete(seat);
    void scope.run(() => this.#hold(seat, again));
  }

  /** An agent that leaves before all have come makes room for another. */
  async #hold(seat: number, again: number): Promise<void> {
    const { attend } = proxyActivities<PoolActivities>({
      activityId: offerId(seat, again),
      startToCloseTimeout: AS_LONG_AS_IT_TAKES,
      heartbeatTimeout: '15s',
      retry: ONCE,
    });
    for (;;) {
      try {
        await attend(seat);
        return;
      } catch (error) {
        if (isCancellation(error)) return;
        if (!this.#isWhole) this.#seats.delete(seat);
        else if (this.#seats.has(seat)) {
          this.#left.set(seat, saidIn(error) ?? null);
          return;
        }
      }
    }
  }

  get taken(): number {
    return this.#seats.size;
  }

  get #isComplete(): boolean {
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

  /** @returns whether all seats are taken, and nobody has stopped the run before that */
  async complete(isStopped: () => boolean): Promise<boolean> {
    // One that has come may leave again before anybody looks.
    while (!this.#isComplete && !isStopped() && Date.now() < this.#until)
      await condition(() => this.#isComplete || isStopped(), this.#until - Date.now());
    this.#isWhole = true;
    return this.#isComplete && !isStopped();
  }

  /** @returns another one in its place, if one comes before agents should have come, or waits; then what it did is over */
  async replace({ seat }: Seated, again: number): Promise<Seated | undefined> {
    this.#seats.delete(seat);
    this.#offers.get(seat)?.cancel();
    this.#offer(seat, again);
    await condition(() => this.#seats.has(seat), Math.max(this.#until - Date.now(), ASK_ONE_FOR));
    return this.#seats.get(seat);
  }

  /** It will do nothing any more. */
  setGone(seated: Seated): void {
    this.#gone.add(seated);
  }

  /** Whether it still holds its seat, as far as the server knows. */
  isHeld({ seat }: Seated): boolean {
    return !this.#left.has(seat);
  }

  /** @returns why an agent has given up its seat; undefined if it has not said so */
  whyLeft({ seat }: Seated): string | undefined {
    return this.#left.get(seat) ?? undefined;
  }

  /** The run is over. */
  async release(): Promise<void> {
    for (const offer of this.#offers.values()) offer.cancel();
    await Promise.allSettled(
      this.present.map((seated) => on(seated, { scheduleToCloseTimeout: '2s' }).release()),
    );
  }
}
