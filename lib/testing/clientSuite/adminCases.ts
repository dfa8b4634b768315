import { partitionKey } from '../../model/topicPartition.ts';
import { equal, rejects, truthy } from './check.ts';
import type { CaseDefinition } from './SuiteKit.ts';

export const adminCases: readonly CaseDefinition[] = [
  {
    name: 'makes topics, tells which are new, lists and describes them',
    async run(kit) {
      const admin = await kit.admin();
      const topic = await kit.topic(3);
      const other = kit.unique('other');
      const made = await admin.createTopics([
        { topic, partitions: 5 },
        { topic: other, partitions: 1 },
      ]);
      equal(made, [other], 'topics made');
      await kit.eventually('both are listed', async () => {
        const listed = await admin.listTopics();
        return listed.includes(topic) && listed.includes(other);
      });
      const found = await admin.describeTopics([topic, kit.unique('missing')]);
      equal([...found.keys()], [topic], 'topics described');
      const partitions = found.get(topic)?.partitions.map(({ partition }) => partition) ?? [];
      equal([...partitions].sort(), [0, 1, 2], 'partitions');
    },
  },
  {
    name: 'adds partitions',
    async run(kit) {
      const admin = await kit.admin();
      const topic = await kit.topic(1);
      await admin.createPartitions(topic, 4);
      await kit.eventually('there are four', async () => {
        return (await admin.describeTopics([topic])).get(topic)?.partitions.length === 4;
      });
    },
  },
  {
    name: 'deletes topics',
    async run(kit) {
      const admin = await kit.admin();
      const topic = await kit.topic(1);
      await admin.deleteTopics([topic]);
      await kit.eventually('it is gone', async () => {
        return !(await admin.describeTopics([topic])).has(topic);
      });
    },
  },
  {
    name: 'describes and alters the configuration of a topic',
    async run(kit) {
      const admin = await kit.admin();
      const topic = await kit.topic(1, { 'cleanup.policy': 'compact', 'retention.ms': '12345' });
      const before = await admin.describeConfigs(topic);
      equal([before['cleanup.policy'], before['retention.ms']], ['compact', '12345'], 'as made');
      await admin.alterConfigs(topic, { 'retention.ms': '54321' });
      await kit.eventually('one is altered, the other is kept', async () => {
        const after = await admin.describeConfigs(topic);
        return after['retention.ms'] === '54321' && after['cleanup.policy'] === 'compact';
      });
    },
  },
  {
    name: 'lists the first offset, the end, and offsets by time',
    async run(kit) {
      const admin = await kit.admin();
      const topic = await kit.topic(2);
      const tps = [0, 1].map((partition) => ({ topic, partition }));
      const producer = await kit.producer();
      for (const timestamp of [1000, 3000, 2000]) {
        const record = { key: null, value: null, timestamp };
        await producer.send([{ topic, partition: 1, records: [record] }]);
      }
      const of = async (at: Parameters<typeof admin.listOffsets>[1]) => {
        const offsets = await admin.listOffsets(tps, at);
        return tps.map((tp) => offsets.get(partitionKey(tp)));
      };
      equal(await of('earliest'), [0, 0], 'earliest');
      equal(await of('latest'), [0, 3], 'latest');
      equal(await of({ timestampMs: 500 }), [0, 0], 'before all');
      equal(await of({ timestampMs: 1500 }), [0, 1], 'the first at or after');
      equal(await of({ timestampMs: 3000 }), [0, 1], 'at');
      equal(await of({ timestampMs: 3001 }), [0, 3], 'after the last: the end');
    },
  },
  {
    name: 'deletes records before an offset',
    async run(kit) {
      const admin = await kit.admin();
      const topic = await kit.topic(1);
      const tp = { topic, partition: 0 };
      await kit.write(topic, ['a', 'b', 'c', 'd']);
      await admin.deleteRecords([{ ...tp, offset: 3 }]);
      equal([await kit.start(tp), await kit.end(tp)], [3, 4], 'first offset and end');
      const reader = await kit.reader();
      reader.assign([{ ...tp, offset: 2 }]);
      await rejects(reader.poll(1000), ['OFFSET_OUT_OF_RANGE'], 'reading what is deleted');
    },
  },
  {
    name: 'sets, lists and deletes the offsets of a group without members',
    async run(kit) {
      const admin = await kit.admin();
      const topic = await kit.topic(2);
      const groupId = kit.unique('group');
      await kit.write(topic, ['a', 'b', 'c'], 1);
      const offset = { topic, partition: 1, offset: 2, metadata: 'set' };
      await admin.alterGroupOffsets(groupId, [offset]);
      const found = await admin.listGroupOffsets(groupId);
      equal([...found.keys()], [`${topic}-1`], 'partitions');
      const { offset: at, metadata } = found.get(`${topic}-1`) ?? {};
      equal([at, metadata], [2, 'set'], 'offset and metadata');
      truthy((await admin.listGroups()).includes(groupId), 'the group is listed');
      const [description] = await admin.describeGroups([groupId]);
      equal([description?.state, description?.members.length], ['Empty', 0], 'described');
      await admin.deleteGroups([groupId]);
      equal((await admin.listGroupOffsets(groupId)).size, 0, 'offsets after deletion');
    },
  },
  {
    name: 'deletes topics and groups that are not there: that is no error',
    async run(kit) {
      const admin = await kit.admin();
      const topic = await kit.topic(1);
      await admin.deleteTopics([kit.unique('missing'), topic]);
      await kit.eventually('the one that was there is gone', async () => {
        return !(await admin.describeTopics([topic])).has(topic);
      });
      await admin.deleteGroups([kit.unique('missing')]);
    },
  },
  {
    name: 'refuses names and partition counts no topic can have, and makes the others',
    async run(kit) {
      const admin = await kit.admin();
      const make = (topic: string, partitions = 1) => admin.createTopics([{ topic, partitions }]);
      for (const name of ['', '.', '..', 'no good', 'a/b', 'ü', 'x'.repeat(250)]) {
        const error = await rejects(make(name), ['KAFKA'], `the name '${name}'`);
        equal([error.kafkaCode, error.retriable], [17, false], `Kafka code of '${name}'`);
      }
      const none = await rejects(make(kit.unique('none'), 0), ['KAFKA'], 'no partitions');
      equal([none.kafkaCode, none.retriable], [37, false], 'Kafka code of no partitions');
      const longest = kit.unique('x').padEnd(249, '._-');
      equal(await make(longest), [longest], 'the longest name, of all that is allowed');
      const twin = longest.replaceAll('.', '_');
      equal((await rejects(make(twin), ['KAFKA'], 'its twin')).kafkaCode, 17, 'Kafka code of it');
      const [a, b] = [kit.unique('a'), kit.unique('b')];
      const topics = [a, 'no good', b].map((topic) => ({ topic, partitions: 1 }));
      await rejects(admin.createTopics(topics), ['KAFKA'], 'one bad name among good ones');
      await kit.eventually('the good ones are made', async () => {
        return (await admin.describeTopics([a, b])).size === 2;
      });
      const topic = await kit.topic(2);
      const same = await rejects(admin.createPartitions(topic, 2), ['KAFKA'], 'as many as it has');
      const fewer = await rejects(admin.createPartitions(topic, 0), ['KAFKA'], 'none');
      equal([same.kafkaCode, fewer.kafkaCode], [37, 37], 'Kafka codes');
    },
  },
  {
    name: 'refuses configurations no topic can have, and leaves all as it was',
    async run(kit) {
      const admin = await kit.admin();
      const bad: Readonly<Record<string, string>>[] = [
        { 'no.such.thing': '1' },
        { 'cleanup.policy': 'nonsense' },
        { 'retention.ms': '-2' },
        { 'retention.ms': '1e3' },
        { 'segment.ms': '0' },
        { 'min.cleanable.dirty.ratio': '1.5' },
        { 'message.timestamp.type': 'createtime' },
      ];
      const missing = kit.unique('missing');
      const topic = await kit.topic(1, { 'retention.ms': '12345' });
      for (const config of bad) {
        const what = JSON.stringify(config);
        const making = admin.createTopics([{ topic: missing, partitions: 1, config }]);
        equal((await rejects(making, ['KAFKA'], what)).kafkaCode, 40, `making it with ${what}`);
        const altering = admin.alterConfigs(topic, { 'retention.ms': '54321', ...config });
        equal((await rejects(altering, ['KAFKA'], what)).kafkaCode, 40, `altering it by ${what}`);
      }
      equal((await admin.describeTopics([missing])).size, 0, 'topics made');
      equal((await admin.describeConfigs(topic))['retention.ms'], '12345', 'what was configured');
      await admin.alterConfigs(topic, { 'cleanup.policy': 'compact,delete', preallocate: 'false' });
    },
  },
];
