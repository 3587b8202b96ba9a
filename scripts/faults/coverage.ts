/**
 * Every fault of `fault-server --list` and `fault-client --list` is injected by a case, and every case injects a fault
 * that exists. Prints what is missing and exits 1.
 */
import { faultPrograms, faultsOf, listedCases } from './catalogue.ts';

const cases = listedCases();
const missing: string[] = [];
for (const program of faultPrograms) {
  const listed = new Set(faultsOf(program).map(({ id }) => id));
  const injected = new Set<string>();
  for (const { tid, file, line, faults } of cases) {
    for (const { id } of faults.filter((fault) => fault.program === program)) {
      injected.add(id);
      if (!listed.has(id))
        missing.push(`${file}:${line}: case ${tid} injects ${id}, which ${program} does not have`);
    }
  }
  const unused = [...listed].filter((id) => !injected.has(id));
  missing.push(...unused.map((id) => `${program}: no case injects ${id}`));
  console.log(`${program}: ${listed.size - unused.length} of ${listed.size} faults are injected by a case`);
}
for (const text of missing) console.error(text);
if (missing.length > 0) process.exitCode = 1;
