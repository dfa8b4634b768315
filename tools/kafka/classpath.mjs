import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../node_modules/.cache/rxkstreams/', import.meta.url));

const pom = (version, artifacts) => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>rxkstreams</groupId>
  <artifactId>broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
${artifacts
  .map(
    (artifact) => `    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>${artifact}</artifactId>
      <version>${version}</version>
    </dependency>`,
  )
  .join('\n')}
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`;

/** Runs a program to its end; resolves with its exit code and all it said. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const hear = (chunk) => {
      said += chunk;
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', (error) =>
      reject(new Error(`${command} could not be started (${error.message}): install it first.`)),
    );
    child.on('close', (code) => resolve({ code, said }));
  });
}

function known(file) {
  if (!existsSync(file)) return null;
  const classpath = readFileSync(file, 'utf8').trim();
  const isWhole =
    classpath !== '' && classpath.split(path.delimiter).every((jar) => existsSync(jar));
  return isWhole ? classpath : null;
}

/** The jars of a Kafka broker of this version, fetched from Maven Central the first time. */
export function brokerClasspath(version) {
  return classpathOf('kafka', version, ['kafka_2.13']);
}

/** The jars of Kafka's command-line tools. */
export function toolsClasspath(version) {
  return classpathOf('kafka-tools', version, ['kafka-tools', 'kafka_2.13']);
}

async function classpathOf(name, version, artifacts) {
  const file = path.join(cache, `${name}-${version}.classpath`);
  const before = known(file);
  if (before) return before;
  const folder = path.join(cache, `${name}-${version}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(path.join(folder, 'pom.xml'), pom(version, artifacts));
    const goal = ['dependency:build-classpath', `-Dmdep.outputFile=${file}`];
    const { code, said } = await run('mvn', ['-q', '-B', '-f', folder, ...goal]);
    const classpath = known(file);
    if (code !== 0 || !classpath) {
      throw new Error(`Maven could not resolve Kafka ${version}:\n${said}`);
    }
    return classpath;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
