// Runs the compiled tests of the acceptance programs in a folder, one after the other, and the
// upgrade program against a lock file made of the program before it.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = process.argv[2];
const load = (name) => import(pathToFileURL(path.join(folder, name)).href);
const tests = [];
globalThis.test = (name, run) => tests.push({ name, run });

await load('tests.js');
await load('tests-second.js');
tests.push({ name: 'the upgrade is judged before a deploy', run: upgrade });

for (const { name, run } of tests) {
  try {
    await run();
    process.stdout.write(`passed: ${name}\n`);
  } catch (error) {
    process.stdout.write(`failed: ${name}\n${error.stack}\n`);
  }
}
// The programs keep servers open, as programs do.
process.exit(0);

/** It must see the renamed store as kept, and call the one that is gone lost. */
async function upgrade() {
  const { fraud } = await load('fraud.js');
  writeFileSync(path.join(folder, 'topology.lock.json'), JSON.stringify(fraud));
  const { exit } = process;
  const { log } = console;
  const seen = { status: 0, text: '' };
  process.exit = (status) => {
    seen.status = status;
  };
  console.log = (text) => {
    seen.text += `${text}\n`;
  };
  try {
    await load('upgrade.js');
  } finally {
    process.exit = exit;
    console.log = log;
  }
  for (const verdict of [/renamed +store +profiles-v2/, /lost +store +alert-debounce/]) {
    if (!verdict.test(seen.text)) throw new Error(`Not ${verdict}:\n${seen.text}`);
  }
  if (seen.status !== 1) throw new Error('A store is lost, and the upgrade was called safe.');
}
