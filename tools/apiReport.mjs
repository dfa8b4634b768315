// The public surface of each entry as a reviewed file, spec/api/<entry>.api.md: fails when it
// changed unsaid. With --update the files are written anew.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { buildIfStale, root } from './build/compile.mjs';

const isUpdate = process.argv.includes('--update');
const packageFile = path.join(root, 'package.json');
const { exports } = JSON.parse(readFileSync(packageFile, 'utf8'));
const entries = Object.entries(exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([entry, { types }]) => ({
    name: entry === '.' ? 'index' : entry.slice(2),
    types: path.join(root, types),
  }));

function configOf({ name, types }) {
  return ExtractorConfig.prepare({
    packageJsonFullPath: packageFile,
    configObjectFullPath: path.join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: types,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            lib: ['es2023'],
            module: 'nodenext',
            moduleResolution: 'nodenext',
            strict: true,
            skipLibCheck: true,
            types: ['node'],
          },
          files: [types],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: path.join(root, 'spec/api'),
        reportTempFolder: path.join(root, 'tmp/api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: {
          default: { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'none' },
          'ae-missing-release-tag': { logLevel: 'none' },
        },
        // The comments are for people and for the doctest; TSDoc's own syntax is not asked of them.
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
}

buildIfStale();
mkdirSync(path.join(root, 'spec/api'), { recursive: true });
let failures = 0;
for (const entry of entries) {
  if (!existsSync(entry.types)) {
    process.stdout.write(`${entry.name}: ${path.relative(root, entry.types)} is missing\n`);
    failures += 1;
    continue;
  }
  const result = Extractor.invoke(configOf(entry), {
    localBuild: isUpdate,
    messageCallback: (message) => {
      if (message.logLevel !== 'error') message.handled = true;
    },
  });
  const isChanged = result.apiReportChanged && !isUpdate;
  if (isChanged || result.errorCount > 0) failures += 1;
  const verdict = isChanged ? 'changed: look at it with `npm run api`' : 'as reported';
  process.stdout.write(`${entry.name}: ${result.errorCount > 0 ? 'errors' : verdict}\n`);
}
process.exitCode = failures > 0 ? 1 : 0;
