import { process, processValues } from 'rxkstreams';
import type { Op } from '../Scenario.ts';
import { type Build, idOf, type Stream } from './Build.ts';
import { processorOf, valueProcessorOf } from './processors.ts';

export function buildProcess(build: Build, op: Op): void {
  const { source } = build.inputOf(op, 'stream');
  const own = op.processor === 'punctuateLog' ? [`${idOf(op)}-calls`] : [];
  const stores = [...(op.stores ?? []), ...own].map((name) => build.keyValue(name));
  const anchorMs = build.scenario.config?.wallClockStartMs ?? 0;
  const processed = source.pipe(process(processorOf(op, stores, anchorMs), { stores }));
  build.name(idOf(op), {
    kind: 'stream',
    source: processed as unknown as Stream,
    rekeyed: true,
  });
}

export function buildProcessValues(build: Build, op: Op): void {
  const { source, rekeyed } = build.inputOf(op, 'stream');
  const stores = (op.stores ?? []).map((name) => build.keyValue(name));
  const processed = source.pipe(processValues(valueProcessorOf(op, stores), { stores }));
  build.name(idOf(op), { kind: 'stream', source: processed, rekeyed });
}
