import type { StoreSnapshot, TopicSnapshot, TopologySnapshot } from './snapshot.ts';
import { Topology } from './Topology.ts';

/** What becomes of one store or topic. */
export interface Verdict {
  readonly name: string;
  readonly kind: 'store' | 'topic';
  readonly verdict: 'kept' | 'renamed' | 'new' | 'lost' | 'incompatible';
  readonly why: string;
}

export interface TopologyComparison {
  /** No store and no unread record is lost, and nothing is incompatible. */
  readonly safe: boolean;
  readonly verdicts: readonly Verdict[];
  toString(): string;
}

/**
 * Says, before a deploy does, what a change of a topology means for its stores and topics.
 *
 * @example
 * import { compareTopologies, count, groupByKey, keyValueStore, number } from 'rxkstreams';
 * import { stream, string, topic, topology } from 'rxkstreams';
 *
 * const counting = (store: string, formerly?: string) =>
 *   topology(() => {
 *     const handle = keyValueStore(store, number(), formerly === undefined ? {} : { formerly });
 *     stream(topic('words', string())).pipe(groupByKey(), count(handle));
 *   });
 * const lock = counting('counts').toJSON();
 * compareTopologies(lock, counting('totals')).safe; // => false
 * compareTopologies(lock, counting('totals', 'counts')).safe; // => true
 *
 * @param before The lock file's content, or the topology that runs.
 * @param after The topology to be deployed.
 */
export function compareTopologies(
  before: TopologySnapshot | Topology,
  after: TopologySnapshot | Topology,
): TopologyComparison {
  const from = before instanceof Topology ? before.toJSON() : before;
  const to = after instanceof Topology ? after.toJSON() : after;
  const verdicts = [...storeVerdicts(from, to), ...topicVerdicts(from, to)];
  return {
    safe: !verdicts.some(losesData),
    verdicts,
    toString: () => table(verdicts),
  };
}

/**
 * A topic that is no longer read or written keeps its records; a repartition's unread ones would be
 * forgotten.
 */
function losesData({ verdict, kind, why }: Verdict): boolean {
  return (
    verdict === 'incompatible' || (verdict === 'lost' && (kind === 'store' || why === drainFirst))
  );
}

const drainFirst =
  'records that lie in it unread will not be read: drain it first, or keep the name';

function storeVerdicts(from: TopologySnapshot, to: TopologySnapshot): Verdict[] {
  const old = new Map(from.stores.map((store) => [store.name, store]));
  const verdicts: Verdict[] = [];
  for (const store of to.stores) {
    const same = old.get(store.name);
    const renamed = store.formerly === undefined ? undefined : old.get(store.formerly);
    const predecessor = same ?? renamed;
    old.delete(predecessor?.name ?? '');
    verdicts.push(storeVerdict(store, predecessor));
  }
  for (const { name } of old.values()) {
    verdicts.push({
      name,
      kind: 'store',
      verdict: 'lost',
      why: `no store of this name is left; if it was renamed, say { formerly: '${name}' }`,
    });
  }
  return verdicts;
}

function storeVerdict(store: StoreSnapshot, old: StoreSnapshot | undefined): Verdict {
  const verdict = (verdict: Verdict['verdict'], why: string): Verdict => ({
    name: store.name,
    kind: 'store',
    verdict,
    why,
  });
  if (old === undefined) return verdict('new', 'begins empty');
  for (const part of ['kind', 'key', 'value', 'changelog'] as const) {
    if (old[part] === store[part]) continue;
    return verdict(
      'incompatible',
      `its ${part} was ${old[part]}, now ${store[part]}: its rows cannot be read`,
    );
  }
  if (old.name !== store.name) return verdict('renamed', `keeps the rows of '${old.name}'`);
  return old.subTopology === store.subTopology
    ? verdict('kept', 'same name, kind and serdes')
    : verdict('kept', 'its task was renumbered: restored from the changelog once');
}

function topicVerdicts(from: TopologySnapshot, to: TopologySnapshot): Verdict[] {
  const id = ({ name, role }: TopicSnapshot): string => `${role} ${name}`;
  const old = new Map(from.topics.map((topic) => [id(topic), topic]));
  const verdicts: Verdict[] = [];
  for (const topic of to.topics) {
    const { name, role } = topic;
    const same = old.get(id(topic));
    old.delete(id(topic));
    if (same === undefined) {
      verdicts.push({ name, kind: 'topic', verdict: 'new', why: `a new ${role}` });
    } else if (same.key !== topic.key || same.value !== topic.value) {
      const were = `${same.key}/${same.value}`;
      const why = `${role}: its serdes were ${were}, now ${topic.key}/${topic.value}`;
      verdicts.push({ name, kind: 'topic', verdict: 'incompatible', why });
    } else {
      verdicts.push({ name, kind: 'topic', verdict: 'kept', why: `the same ${role}` });
    }
  }
  for (const { name, role } of old.values()) {
    const why = role === 'repartition' ? drainFirst : `no longer a ${role}`;
    verdicts.push({ name, kind: 'topic', verdict: 'lost', why });
  }
  return verdicts;
}

function table(verdicts: readonly Verdict[]): string {
  const width = (pick: (v: Verdict) => string): number =>
    Math.max(...verdicts.map((v) => pick(v).length));
  const name = width((v) => v.name);
  return verdicts
    .map((v) => `${v.verdict.padEnd(12)} ${v.kind.padEnd(5)} ${v.name.padEnd(name)}  ${v.why}`)
    .join('\n');
}
