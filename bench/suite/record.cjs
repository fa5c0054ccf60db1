/** Writes down a fact for the bench, if one listens. */
const { writeFileSync } = require('node:fs');

exports.record = (name, value) => {
  const folder = process.env.BENCH_RECORDS;
  if (folder !== undefined) writeFileSync(`${folder}/${name}`, `${value}\n`);
};
