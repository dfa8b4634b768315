import type { GroupOptions, PartitionReader } from '../../KafkaClient.ts';
import type { Wire } from '../Wire.ts';
import { GroupCoordinator } from './GroupCoordinator.ts';
import { KafkajsGroupConsumer } from './KafkajsGroupConsumer.ts';
import { Pauses } from './Pauses.ts';

/**
 * A group's member on a wire. It owns the reader: closing the member closes it. `lane` names the
 * connection on which the coordinator may hold answers back; no one else may use it.
 */
export function openGroup(
  wire: Wire,
  options: GroupOptions,
  reader: PartitionReader,
  lane: string,
): KafkajsGroupConsumer {
  return new KafkajsGroupConsumer({
    options,
    reader,
    coordinator: new GroupCoordinator(wire, options.groupId, lane),
    clock: wire.clock,
    pauses: new Pauses(wire.clock, wire.random),
  });
}
