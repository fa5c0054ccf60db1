/** How late a loop is that does nothing but look at the clock: what the machine itself does to an open load. */
const [rate, seconds] = process.argv.slice(2).map(Number);
const count = rate * seconds;
const lateUs = new Float64Array(count);
const startedAt = performance.now();
for (let i = 0; i < count; i += 1) {
  const due = startedAt + (i * 1000) / rate;
  let now = performance.now();
  while (now < due) now = performance.now();
  lateUs[i] = (now - due) * 1000;
}
lateUs.sort();
const at = (share) => lateUs[Math.floor(share * (count - 1))];
process.stdout.write(JSON.stringify({ p50: at(0.5), p99: at(0.99) }));
