// Adds to package-lock.json the optional packages of other platforms that npm left out, as it does
// when a mirror does not hold them: `npm ci` refuses a lock file that does not name them.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './build/compile.mjs';

const file = path.join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'ppc64',
  'riscv64',
  's390x',
  'x64',
  'wasm32',
];

/** Where a package runs, by the parts of its name: `core-linux-x64-musl`. */
function platformOf(name) {
  const parts = name.split(/[/-]/);
  const libc = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };
  const wants = parts.map((part) => libc[part]).find((found) => found);
  return {
    cpu: processors.filter((processor) => parts.includes(processor)),
    ...(wants && parts.includes('linux') ? { libc: [wants] } : {}),
    os: systems.filter((system) => parts.includes(system)),
  };
}

function isKnown(from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`]) return true;
    if (at === '') return false;
  }
}

let added = 0;
for (const [from, parent] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (isKnown(from, name)) continue;
    const platform = platformOf(name);
    if (platform.os.length === 0 || platform.cpu.length === 0) {
      throw new Error(`${name} is missing, and its name does not say where it runs.`);
    }
    const { dev, devOptional, peer } = parent;
    const flags = JSON.parse(JSON.stringify({ dev, devOptional, peer }));
    lock.packages[`node_modules/${name}`] = { version, ...platform, ...flags, optional: true };
    added += 1;
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')),
);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} packages of other platforms added\n`);
