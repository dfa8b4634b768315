import type { GroupPort } from '../../../../lib/client/kafkajs/group/GroupPort.ts';
import type { RequestKind } from '../../../../lib/client/kafkajs/group/groupRequests.ts';
import type { Clock } from '../../../../lib/model/clock.ts';

/** A clock that moves only when told. */
export class HandClock implements Clock {
  #now = 0;
  #due: { at: number; work: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, work: () => void): () => void {
    const entry = { at: this.#now + delayMs, work };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  }

  breathe(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  get timers(): number {
    return this.#due.length;
  }

  /** Moves on, letting what each timer sets off come to rest before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.breathe();
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      this.#due = this.#due.filter((other) => other !== next);
      next.work();
      await this.breathe();
    }
    this.#now = end;
    await this.breathe();
  }
}

type Answer = { readonly error: number };
// biome-ignore lint/suspicious/noExplicitAny: each script knows what its request holds
type Handler = (request: any) => Answer | Promise<Answer>;

/** A coordinator that answers as told: the next of the queued answers, else the standing one. */
export class ScriptedCoordinator implements GroupPort {
  readonly sent: { readonly name: string; readonly request: Record<string, unknown> }[] = [];
  readonly counts = new Map<string, number>();
  closed = false;
  readonly #standing = new Map<string, Handler>();
  readonly #queued = new Map<string, Handler[]>();

  always(name: string, handler: Handler): this {
    this.#standing.set(name, handler);
    return this;
  }

  once(name: string, handler: Handler): this {
    this.#queued.set(name, [...(this.#queued.get(name) ?? []), handler]);
    return this;
  }

  names(): readonly string[] {
    return this.sent.map(({ name }) => name);
  }

  of(name: string): readonly Record<string, unknown>[] {
    return this.sent.filter((entry) => entry.name === name).map(({ request }) => request);
  }

  async send<Q, R extends Answer>(kind: RequestKind<Q, R>, request: Q): Promise<R> {
    this.sent.push({ name: kind.name, request: request as Record<string, unknown> });
    const handler = this.#queued.get(kind.name)?.shift() ?? this.#standing.get(kind.name);
    if (handler === undefined) throw new Error(`The script has no answer to ${kind.name}.`);
    return (await handler(request)) as R;
  }

  async partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return new Map([...this.counts].filter(([topic]) => topics.includes(topic)));
  }

  close(): void {
    this.closed = true;
  }
}
