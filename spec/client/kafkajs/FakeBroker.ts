import { Buffer } from 'node:buffer';
import { createServer, type Server, type Socket } from 'node:net';
import { apiKeys } from '../../../lib/client/kafkajs/protocol/apiKeys.ts';
import { ProtocolReader } from '../../../lib/client/kafkajs/protocol/Reader.ts';
import { ProtocolWriter } from '../../../lib/client/kafkajs/protocol/Writer.ts';
import type { VirtualClock } from '../../../lib/testing/VirtualClock.ts';

/** Writes the answer's body; `silent` leaves the request without one. */
export type Answer = (apiKey: number, out: ProtocolWriter) => 'silent' | undefined;

export const apiVersions = 18;
/** Requests in whose versions the answer's header ends with tags. */
const flexible: ReadonlySet<number> = new Set([apiKeys.initProducerId]);

/** A broker on a real socket: it speaks all versions, and a test says what it answers. */
export class FakeBroker {
  readonly nodeId: number;
  /** What was asked, in order. */
  readonly heard: number[] = [];
  readonly #answer: Answer;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(nodeId: number, answer: Answer) {
    this.nodeId = nodeId;
    this.#answer = answer;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async listening(nodeId: number, answer: Answer): Promise<FakeBroker> {
    const broker = new FakeBroker(nodeId, answer);
    await new Promise<void>((resolve) => broker.#server.listen(0, '127.0.0.1', resolve));
    return broker;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** How often something was asked. */
  count(apiKey: number): number {
    return this.heard.filter((key) => key === apiKey).length;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const end = 4 + pending.readInt32BE(0);
        this.#hear(socket, pending.subarray(4, end));
        pending = pending.subarray(end);
      }
    });
  }

  #hear(socket: Socket, request: Buffer): void {
    const reader = new ProtocolReader(request);
    const apiKey = reader.int16();
    reader.int16();
    const correlation = reader.int32();
    this.heard.push(apiKey);
    const out = new ProtocolWriter().int32(0).int32(correlation);
    if (flexible.has(apiKey)) out.noTags();
    if (apiKey === apiVersions) answerVersions(out);
    else if (this.#answer(apiKey, out) === 'silent') return;
    out.patchInt32(0, out.size - 4);
    socket.write(out.bytes());
  }
}

function answerVersions(out: ProtocolWriter): void {
  const keys = Array.from({ length: 60 }, (_, key) => key);
  out.int16(0).array(keys, (key) => out.int16(key).int16(0).int16(20));
  out.int32(0);
}

/** Lets time pass, as sockets need it, until something is so; false when it never is. */
export async function until(clock: VirtualClock, isSo: () => boolean): Promise<boolean> {
  for (let turns = 0; turns < 3_000 && !isSo(); turns++) {
    await clock.advance(1);
    await sockets();
  }
  return isSo();
}

/** Lets what is on its way through sockets arrive, while time stands still. */
export async function sockets(realMs = 1): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, realMs));
}
