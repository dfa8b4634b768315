/** Begins a measurement. */
export function started() {
  return { at: performance.now(), cpu: process.cpuUsage() };
}

/** Ends it: one JSON line on standard output. */
export function measured(start, what) {
  const seconds = (performance.now() - start.at) / 1_000;
  const { user, system } = process.cpuUsage(start.cpu);
  const cpuSeconds = (user + system) / 1e6;
  const line = {
    ...what,
    seconds: rounded(seconds),
    recordsPerSecond: Math.round(what.records / seconds),
    cpuSeconds: rounded(cpuSeconds),
    cpuMicrosPerRecord: rounded((cpuSeconds * 1e6) / what.records),
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  return line;
}

function rounded(value) {
  return Math.round(value * 100) / 100;
}
