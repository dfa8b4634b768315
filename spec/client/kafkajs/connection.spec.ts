import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { kafkajs } from '../../../lib/client/kafkajs/index.ts';
import { kafkajs as unavailable } from '../../../lib/client/kafkajs/unavailable.ts';

const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];

/** Something that listens, and does with what it hears as it likes. */
async function listener(
  heard: (socket: Socket) => void,
): Promise<{ readonly address: string; readonly sockets: ReadonlySet<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', () => heard(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({ server, sockets });
  const { port } = server.address() as { port: number };
  return { address: `127.0.0.1:${port}`, sockets };
}

/** A port nobody listens on. */
async function deadAddress(): Promise<string> {
  const { address } = await listener(() => {});
  const { server } = servers.pop() as (typeof servers)[number];
  await new Promise((resolve) => server.close(resolve));
  return address;
}

afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

const failure = (connecting: Promise<unknown>): Promise<unknown> =>
  connecting.then(
    () => 'it connected',
    (error: unknown) => error,
  );

describe('connecting by kafkajs', () => {
  it('says which brokers cannot be reached', async () => {
    const brokers = [await deadAddress(), await deadAddress()];
    const error = await failure(kafkajs({ brokers }).connect());
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', retriable: true });
    for (const broker of brokers) expect((error as Error).message).toContain(broker);
  });

  it('gives one up that accepts and never answers, and leaves no socket', async () => {
    const { address, sockets } = await listener(() => {});
    const before = Date.now();
    const client = kafkajs({ brokers: [address], connectionTimeoutMs: 200 });
    const error = await failure(client.connect());
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE' });
    expect((error as Error).message).toContain('within 200 ms');
    expect(Date.now() - before).toBeLessThan(3_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sockets.size).toBe(0);
  });

  it('goes to the next broker when the first does not answer', async () => {
    const dead = await deadAddress();
    const { address } = await listener((socket) => socket.destroy());
    const error = await failure(kafkajs({ brokers: [dead, address] }).connect());
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE' });
  });

  it.each([
    ['noise', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['an empty answer', Buffer.from('0000000400000000', 'hex')],
    ['an answer of another request', Buffer.from('000000080000006300000000', 'hex')],
  ])('fails on %s without hanging', async (_, bytes) => {
    const { address } = await listener((socket) => socket.write(bytes));
    const client = kafkajs({ brokers: [address], connectionTimeoutMs: 300 });
    const error = await failure(client.connect());
    expect(error).toMatchObject({ name: 'KafkaError' });
  });

  it.each([[['localhost']], [['localhost:0']], [['localhost:x']], [['a:b:1']], [[]]])(
    'refuses the addresses %j',
    async (brokers) => {
      const error = await failure(kafkajs({ brokers }).connect());
      expect(error).toMatchObject({ code: 'INVALID_OPTION' });
    },
  );

  it('is not offered in a browser', () => {
    expect(() => unavailable({ brokers: ['localhost:9092'] })).toThrow(
      expect.objectContaining({ code: 'NOT_SUPPORTED' }),
    );
  });
});

it.each([['localhost:9092'], [undefined], [[]]])(
  'brokers given as %j are none',
  async (brokers) => {
    await expect(kafkajs({ brokers: brokers as never }).connect()).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(
        "give a list, as in kafkajs({ brokers: ['localhost:9092'] })",
      ),
    });
  },
);
