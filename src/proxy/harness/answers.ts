/** Reads the answers of a service on their way to a client, and applies faults to them. */
import { MALFORMED } from '../../http1/bytes.ts';
import { bodyOfResponse, MessageReader, PIECE } from '../../http1/message.ts';
import { ResponseHeadReader } from '../../http1/response-head.ts';
import { Head, mediaType } from './answer.ts';
import { type Changes, changeHead, isStream, needsWhole, takesBody } from './changes.ts';
import { LARGEST_BODY } from './codings.ts';
import type { Exchange } from './exchange.ts';
import type { Faults, Meant } from './faults.ts';
import { Gathering } from './gathering.ts';
import type { Outlet } from './outlet.ts';
import { LARGEST_LOOK, type Look, type Survey } from './survey.ts';
import type { Traffic } from './traffic.ts';

/** What all connections of a proxy share. */
export interface Shared {
  readonly faults: Faults;
  readonly changes: Changes;
  readonly survey: Survey;
  readonly traffic: Traffic;
}

/** The connection that the answers come on. */
export interface AnswersOwner {
  /** The request that is answered next; undefined if there is none. */
  readonly waiting: Exchange | undefined;
  /** It has been answered. */
  answered(): void;
}

/** An answer that faults apply to, or that is inspected. */
interface Current {
  readonly exchange: Exchange;
  readonly status: number;
  /** The head to pass on. */
  readonly headBytes: Buffer;
  /** Faults that need the whole answer. */
  readonly whole: readonly Meant[];
  /** Faults that have already happened to it. */
  readonly happened: readonly Meant[];
  readonly look: Look | undefined;
  readonly gathering: Gathering | undefined;
  /** Its body is not passed on. */
  readonly isEmptied: boolean;
}

const NOBODY_ASKED: Exchange = { method: '', target: '', path: '', since: 0 };
const NOTHING = Buffer.alloc(0);

export class AnswerReader {
  /** Whether the service has agreed to another protocol, which follows the last answer. */
  hasSwitched = false;
  readonly #shared: Shared;
  readonly #outlet: Outlet;
  readonly #owner: AnswersOwner;
  readonly #reader: MessageReader<ResponseHeadReader>;
  #exchange = NOBODY_ASKED;
  #current: Current | undefined;
  #isSlow = false;
  /** Whether everything from here on is ignored. */
  #isOver = false;
  /** The current bytes, and how far they have been handled. */
  #chunk: Buffer = NOTHING;
  #from = 0;

  constructor(shared: Shared, outlet: Outlet, owner: AnswersOwner) {
    this.#shared = shared;
    this.#outlet = outlet;
    this.#owner = owner;
    this.#reader = new MessageReader(new ResponseHeadReader(), (head) =>
      bodyOfResponse(head, this.#exchange.method),
    );
  }

  /**
   * Takes bytes from the service, and passes them on, or what faults make of them.
   *
   * @returns where bytes begin that are not part of an answer, everything before them having been passed on; after that
   *   it must not be called again. -1 if there are none
   */
  take(chunk: Buffer): number {
    this.#chunk = chunk;
    this.#from = 0;
    for (let at = 0; at < chunk.length && !this.#isOver; ) {
      const { waiting } = this.#owner;
      if (waiting === undefined && !this.#reader.isWithin) return this.#leaveOff(at);
      this.#exchange = waiting ?? NOBODY_ASKED;
      const next = this.#reader.next(chunk, at, chunk.length);
      if (next === MALFORMED) return this.#leaveOff(at);
      this.#takePiece(at, next);
      at = next;
      if (!this.hasSwitched) continue;
      this.#passUpTo(at);
      return at;
    }
    if (this.#isOver) this.#skipTo(chunk.length);
    this.#passUpTo(chunk.length);
    this.#chunk = NOTHING;
    return -1;
  }

  /** Passes bytes on unchanged. */
  #passUpTo(to: number): void {
    const chunk = this.#chunk;
    if (to > this.#from)
      this.#outlet.write(this.#from === 0 && to === chunk.length ? chunk : chunk.subarray(this.#from, to));
    this.#from = to;
  }

  /** Marks everything before as handled. */
  #skipTo(to: number): void {
    this.#from = to;
  }

  #takePiece(at: number, next: number): void {
    const { piece, isEnd, body } = this.#reader;
    if (piece === PIECE.headPart) {
      this.#passUpTo(at);
      this.#skipTo(next);
    } else if (piece === PIECE.head) this.#takeHead(at, next);
    else if (this.#current !== undefined) this.#takeBody(this.#current, at, next, piece === PIECE.data);
    if (isEnd && body !== 'interim' && !this.#isOver) this.#finish(next);
  }

  #takeHead(at: number, next: number): void {
    const { body, headBytes, isHeadInParts } = this.#reader;
    if (body === 'tunnel') this.hasSwitched = true;
    const isFinal = body !== 'interim' && body !== 'tunnel';
    const isLeft = isFinal ? this.#begin(at) : true;
    if (isLeft && !isHeadInParts) return;
    if (isLeft) this.#outlet.write(headBytes);
    this.#skipTo(next);
  }

  /** Decides what happens to an answer. @returns whether its head is to be passed on unchanged */
  #begin(at: number): boolean {
    const { faults, survey, traffic } = this.#shared;
    const { method, path, since } = this.#exchange;
    const { status } = this.#reader.head;
    traffic.answers += 1;
    traffic.times.add(performance.now() - since);
    const meant = faults.forAnswer(method, path);
    const look = survey.count(this.#exchange, status);
    if (meant.length === 0 && look === undefined) return true;
    const headBytes = Buffer.from(this.#reader.headBytes);
    if (meant.length === 0) {
      this.#setCurrent({ headBytes, whole: [], happened: [], look });
      return true;
    }
    this.#passUpTo(at);
    if (!this.#breaksOff(meant)) this.#disturb(headBytes, meant, look);
    return false;
  }

  #setCurrent(what: Pick<Current, 'headBytes' | 'whole' | 'happened' | 'look'>, isEmptied = false): void {
    const { whole, look } = what;
    const isHeld = whole.length > 0;
    const isGathered = !isEmptied && (isHeld || look !== undefined);
    const gathering = isGathered ? new Gathering(isHeld, isHeld ? LARGEST_BODY : LARGEST_LOOK) : undefined;
    const { status } = this.#reader.head;
    this.#current = { ...what, exchange: this.#exchange, status, gathering, isEmptied };
  }

  /** @returns whether a fault withholds this answer from the client, and all later ones on the connection */
  #breaksOff(meant: readonly Meant[]): boolean {
    const end = meant.find(({ fault }) => fault.type === 'reset' || fault.type === 'hang');
    if (end === undefined) return false;
    this.#shared.faults.happened([end]);
    if (end.fault.type === 'reset') this.#outlet.reset();
    else this.#outlet.hang();
    this.#isOver = true;
    return true;
  }

  #disturb(original: Buffer, meant: readonly Meant[], look: Look | undefined): void {
    const { body, head: facts } = this.#reader;
    const { status } = facts;
    const delayed = this.#delay(meant);
    const head = new Head(original);
    const type = mediaType(head);
    const changed = changeHead(head, status, meant);
    const isBodiless = this.#exchange.method === 'HEAD' || status === 204 || status === 304;
    const hasBody = !isBodiless && body !== 'none';
    const emptied = hasBody ? meant.filter(({ fault }) => fault.type === 'empty-body') : [];
    const isEmptied = emptied.length > 0 || (hasBody && changed.some(takesBody));
    if (isEmptied) {
      head.set('content-length', '0');
      for (const name of ['transfer-encoding', 'content-encoding']) head.remove(name);
    }
    const headBytes = changed.length + emptied.length === 0 ? original : head.toBytes();
    const happened = [...delayed, ...changed, ...emptied];
    const isWhole = !isEmptied && !isBodiless && !isStream(type);
    const whole = isWhole ? meant.filter(needsWhole) : [];
    this.#setCurrent({ headBytes, whole, happened, look }, isEmptied);
    if (whole.length > 0) return;
    this.#shared.faults.happened(happened);
    this.#outlet.write(headBytes);
  }

  /** @returns the faults that made it late or slow */
  #delay(meant: readonly Meant[]): Meant[] {
    const delays = meant.flatMap(({ fault }) => (fault.type === 'latency' ? [fault.ms] : []));
    const rates = meant.flatMap(({ fault }) => (fault.type === 'bandwidth' ? [fault.bytesPerSecond] : []));
    if (delays.length > 0)
      this.#outlet.waitUntil(performance.now() + delays.reduce((sum, delay) => sum + delay));
    if (rates.length > 0) this.#outlet.limit(Math.min(...rates));
    this.#isSlow = rates.length > 0;
    return meant.filter(({ fault }) => fault.type === 'latency' || fault.type === 'bandwidth');
  }

  #takeBody({ gathering, isEmptied }: Current, at: number, next: number, isData: boolean): void {
    if (isEmptied) this.#skipTo(next);
    if (gathering === undefined) return;
    if (!gathering.add(this.#chunk, at, next, isData)) this.#letGo();
    else if (gathering.isHeld) this.#skipTo(next);
  }

  /** Applies nothing more to the answer: what was held back is passed on as it came. */
  #letGo(): void {
    const current = this.#current;
    this.#current = undefined;
    const gathering = current?.gathering;
    if (current === undefined || gathering === undefined) return;
    gathering.release();
    if (!gathering.isHeld) return;
    this.#outlet.write(current.headBytes);
    this.#outlet.write(gathering.raw);
    this.#shared.faults.happened(current.happened);
  }

  /** An answer is complete. */
  #finish(next: number): void {
    const current = this.#current;
    if (current?.gathering !== undefined) {
      const { payload } = current.gathering;
      current.look?.(current.headBytes, payload);
      if (current.gathering.isHeld) this.#giveChanged(current, current.gathering, payload);
      else current.gathering.release();
    }
    this.#current = undefined;
    if (this.#isSlow) {
      this.#passUpTo(next);
      this.#outlet.limit(null);
    }
    this.#isSlow = false;
    this.#owner.answered();
    const { traffic } = this.#shared;
    traffic.answerEnded();
    if (!traffic.isDying) return;
    this.#passUpTo(next);
    this.#isOver = true;
  }

  #giveChanged(current: Current, gathering: Gathering, payload: Buffer): void {
    const { exchange, headBytes, status, whole, happened } = current;
    const { lastFrame } = gathering;
    const arrived = { status, headBytes, framing: this.#reader.body, payload, lastFrame };
    const changed = this.#shared.changes.change(arrived, exchange, whole);
    if (changed === undefined) {
      this.#letGo();
      return;
    }
    gathering.release();
    this.#outlet.write(changed.bytes);
    this.#shared.faults.happened([...happened, ...changed.happened]);
  }

  /** The service has ended the connection, or broken it. What it left incomplete is passed on as it is. */
  end(): void {
    if (this.#isOver) return;
    if (this.#reader.body === 'until-close' && this.#reader.isWithin && this.#reader.mayClose)
      this.#finish(0);
    this.#giveUp();
  }

  #leaveOff(at: number): number {
    this.#passUpTo(at);
    this.#giveUp();
    return at;
  }

  #giveUp(): void {
    this.#letGo();
    this.#outlet.write(Buffer.from(this.#reader.partOfHead));
    this.#isOver = true;
  }

  /** The client is gone. */
  drop(): void {
    this.#current?.gathering?.release();
    this.#current = undefined;
    this.#isOver = true;
  }
}
