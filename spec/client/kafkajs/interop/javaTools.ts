import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const version = process.env.KAFKA_VERSION ?? '4.3.0';
const cache = path.resolve('node_modules/.cache/rxkstreams');

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>rxkstreams</groupId>
  <artifactId>tools</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-tools</artifactId>
      <version>${version}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(command: string, args: readonly string[], input = '', cwd = '.'): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input);
  });
}

/** The jars of Kafka's command-line tools, fetched the first time. */
async function classpath(): Promise<string> {
  const file = path.join(cache, `kafka-tools-${version}.classpath`);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const folder = path.join(cache, `kafka-tools-${version}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'pom.xml'), pom);
  const goal = ['-q', '-B', 'dependency:build-classpath', `-Dmdep.outputFile=${file}`];
  const { code, out, err } = await run('mvn', goal, '', folder);
  if (code !== 0) throw new Error(`The jars of Kafka's tools cannot be fetched:\n${out}${err}`);
  return readFileSync(file, 'utf8').trim();
}

/** Runs one of Kafka's own tools to its end; answers what it printed. */
export async function java(
  tool: string,
  args: readonly string[],
  input = '',
): Promise<readonly string[]> {
  const all = ['-Xmx256m', '-cp', await classpath(), tool, ...args];
  const { code, out, err } = await run('java', all, input);
  if (code !== 0) throw new Error(`${tool} ended with ${code}:\n${out}${err}`);
  return out.split('\n').filter((line) => line !== '');
}
