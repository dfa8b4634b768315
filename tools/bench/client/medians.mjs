/** The median of each figure, per client and operation. */
export function medians(lines) {
  return [...grouped(lines).values()].map((some) => {
    const [first] = some;
    const line = {};
    for (const [name, value] of Object.entries(first)) {
      const isFigure = some.every((one) => typeof one[name] === 'number');
      line[name] = isFigure ? median(some.map((one) => one[name])) : value;
    }
    return line;
  });
}

/** How this client does beside each of the others, in words. */
export function ratios(lines) {
  const found = medians(lines);
  const of = (client, operation) =>
    found.find((line) => line.client === client && line.operation === operation);
  return found
    .filter(({ client }) => client !== 'rxkstreams')
    .flatMap((other) => {
      const { client, operation } = other;
      const ours = of('rxkstreams', operation);
      if (ours === undefined) return [];
      if (operation === 'latency') {
        return [`latency p99: ${ours.p99Ms} ms, ${client} ${other.p99Ms} ms`];
      }
      const times = (ours.recordsPerSecond / other.recordsPerSecond).toFixed(1);
      return [`${operation}: ${times} times ${client}`];
    });
}

function grouped(lines) {
  const groups = new Map();
  for (const line of lines) {
    const key = `${line.operation}/${line.client}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return groups;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
