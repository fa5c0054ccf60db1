/** Sends one load with Shakedown as it was built, and prints the result as JSON. Its argument holds the options of `runLoad`. */
import { runLoad } from '../../dist/index.js';

const result = await runLoad(JSON.parse(process.argv[2] ?? '{}'));
process.stdout.write(JSON.stringify(result));
