import type { TopologyTestOptions } from 'rxkstreams/testing';

/** How a scenario is run; whatever it is, the results are the same. */
export interface RunMode {
  /** A crash and a restart after every input. */
  readonly crash?: boolean;
  /** Over how many partitions the inputs are spread; default 1. */
  readonly partitions?: number;
  readonly guarantee?: NonNullable<TopologyTestOptions['guarantee']>;
  /** Where checkpoints go; default: memory. */
  readonly state?: () => NonNullable<TopologyTestOptions['state']>;
}
