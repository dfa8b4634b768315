import type { Observable } from 'rxjs';
import type { AnyRecord } from '../model/record.ts';
import { EventTime } from '../topology/EventTime.ts';
import type { StartKernel } from '../topology/NodeContext.ts';
import type { NodeSpec, SourceSpec } from '../topology/NodeSpec.ts';
import { type Plan, signatureOf } from '../topology/Plan.ts';
import { checkSame } from '../topology/planOf.ts';
import { sourceId } from '../topology/planScope.ts';
import { type Scope, withScope } from '../topology/scope.ts';
import { type ConnectionOrder, HotOutput } from './HotOutput.ts';

/** A source or operator as one task's run of the factory applied it. */
export interface Applied {
  readonly inputs: readonly Observable<unknown>[];
  /** Null for sources. */
  readonly start: StartKernel | null;
  readonly outputs: readonly HotOutput[];
}

/**
 * Runs the topology's factory for one task. All nodes register, as they did for the plan; those of
 * other sub-topologies are never started.
 */
export class TaskScope implements Scope {
  readonly kind = 'task';
  readonly order: ConnectionOrder = { rank: Number.POSITIVE_INFINITY };
  /** By the index the plan knows them by. */
  readonly applied: Applied[] = [];
  /** Which output an Observable is, where it is one as it stands. */
  readonly direct: Map<Observable<unknown>, HotOutput> = new Map();
  readonly #signatures: string[] = [];
  #eventTime: EventTime | null = null;
  readonly #sources = new Map<string, Observable<AnyRecord>>();

  constructor(plan: Plan, factory: () => void) {
    withScope(this, factory);
    checkSame(plan.nodes.map(signatureOf), this.#signatures);
  }

  source(spec: SourceSpec): Observable<AnyRecord> {
    const id = sourceId(spec);
    const known = this.#sources.get(id);
    if (known !== undefined) return known;
    this.#signatures.push(signatureOf({ source: spec, spec: null }));
    const output = this.#output();
    this.applied.push({ inputs: [], start: null, outputs: [output] });
    this.#sources.set(id, output.records);
    return output.records;
  }

  node(
    spec: NodeSpec,
    inputs: readonly Observable<unknown>[],
    start: StartKernel,
  ): readonly Observable<AnyRecord>[] {
    this.#signatures.push(signatureOf({ source: null, spec }));
    const outputs = spec.produces.map(() => this.#output());
    this.applied.push({ inputs, start, outputs });
    return outputs.map((output) => output.records);
  }

  /** One for the task; null: nobody asked for it. */
  get usedEventTime(): EventTime | null {
    return this.#eventTime;
  }

  eventTime(): EventTime {
    this.#eventTime ??= new EventTime();
    return this.#eventTime;
  }

  #output(): HotOutput {
    const output = new HotOutput(this.order);
    this.direct.set(output.records, output);
    return output;
  }
}
