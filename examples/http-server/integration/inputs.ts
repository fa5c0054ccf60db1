// What each function of operations.ts is called with.
import { samples } from './samples.ts';

export default { canonical: samples.map(({ text }) => [text]) };
