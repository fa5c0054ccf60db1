/** A worker of a cell: loads the module together with the others, makes its calls, and ends by the cell's door. */
import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '../../../core/random.ts';
import { type Call, makeCalls, prepareCall, shuffle, type Wrong } from './calls.ts';
import { Journal } from './journal.ts';
import { type Exports, loadModule } from './module.ts';
import { showOutcome, wordsOf } from './outcome.ts';
import { ThreadGate } from './thread-gate.ts';
import { overShared, unpack } from './values.ts';
import { DOOR, type FromWorker, MEETINGS, type WorkerOrders } from './worker-orders.ts';

const {
  worker,
  request,
  survey,
  shared,
  journal: memory,
  file,
  gate: gateMemory,
} = workerData as WorkerOrders;
const { cell, workers, calls, seed, exact } = request;
const journal = new Journal(memory, file, worker);
const gate = new ThreadGate(gateMemory);
const random = new Random(seed, worker);

const tell = (message: FromWorker): void => parentPort?.postMessage(message);

/** Further mismatches of one worker would add nothing. */
const EXAMPLES = 3;
let told = 0;
function onWrong({ operation, call, expected, actual }: Wrong): void {
  told += 1;
  if (told > EXAMPLES) return;
  const mismatch = { worker, operation, call, expected: showOutcome(expected), actual: showOutcome(actual) };
  tell({ type: 'wrong', mismatch });
}

async function load(): Promise<Exports> {
  if (request.empty) return {};
  journal.enter('loading');
  try {
    return await loadModule(survey.url);
  } catch (error) {
    tell({ type: 'not-loaded', message: wordsOf(error) });
    return {};
  } finally {
    journal.enter('loaded');
  }
}

function prepare(module: Exports): Call[] {
  if (Object.keys(module).length === 0) return [];
  const values = unpack(survey.values);
  return request.operations.flatMap((number) => {
    const operation = survey.operations[number];
    const own = values[number];
    if (operation === undefined || own === undefined) return [];
    const args = operation.shared ? overShared(own.args, shared[number] ?? []) : own.args;
    return [prepareCall(module, number, operation, { ...own, args })];
  });
}

const isOwnDoor = cell.door !== 'terminate' && cell.door !== 'process-exit';

gate.meet(MEETINGS.loading, cell.order === 'all-at-once' ? workers + 1 : workers);
const deck = shuffle(prepare(await load()), random);
gate.meet(MEETINGS.calling, workers);
if (deck.length > 0) {
  journal.enter('calling');
  const isInFlight = cell.state === 'in-flight';
  const leavesEarly = isOwnDoor && isInFlight;
  // A thread that is ended by others goes on until then.
  const whole = isInFlight ? Number.POSITIVE_INFINITY : calls;
  const count = leavesEarly ? 1 + Math.floor(random.next() * calls) : whole;
  await makeCalls(deck, count, journal, exact, onWrong);
  // One more call, which nobody waits for.
  if (leavesEarly) void Promise.resolve(deck[count % deck.length]?.make()).catch(() => {});
}
if (!isOwnDoor) {
  journal.enter('waiting');
  // Keeps this thread alive until it is ended.
  parentPort?.on('message', () => {});
} else {
  if (cell.state === 'idle') {
    journal.enter('waiting');
    gate.meet(MEETINGS.leaving, workers);
  }
  journal.enter('leaving');
  if (cell.door === 'throw') setImmediate(leaveByError);
  if (cell.door === 'rejection') void Promise.reject(new Error(DOOR));
}

function leaveByError(): never {
  throw new Error(DOOR);
}
