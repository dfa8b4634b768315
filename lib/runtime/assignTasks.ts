/** A member as the assignment sees it. */
export interface TaskMember {
  readonly id: string;
  /** Tasks it runs now. */
  readonly running: readonly string[];
  /** Tasks it has a checkpoint of. */
  readonly kept: readonly string[];
}

/** A task, as sub-topology and partition. */
export interface TaskId {
  readonly id: string;
  readonly subTopology: number;
}

/**
 * Who runs what: every task once; the members' numbers differ by at most one; a task stays where it
 * runs, else goes where its state is; the tasks of one sub-topology are spread. The same input
 * gives the same answer, in whatever order it comes.
 */
export function assignTasks(
  members: readonly TaskMember[],
  tasks: readonly TaskId[],
): ReadonlyMap<string, readonly string[]> {
  const homes = [...members]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((member) => new Home(member, tasks.length, members.length));
  if (homes.length === 0) return new Map();
  const open = new Map([...tasks].sort(byId).map((task) => [task.id, task]));
  stay(homes, open, (home) => home.running);
  stay(homes, open, (home) => home.kept);
  for (const task of open.values()) {
    let best = homes[0] as Home;
    for (const home of homes) if (home.isBetterFor(task, best)) best = home;
    best.take(task);
  }
  level(homes);
  return new Map(homes.map((home) => [home.id, home.tasks.map((task) => task.id).sort()]));
}

/** Tasks stay with who has them, as long as that is within its share. */
function stay(
  homes: readonly Home[],
  open: Map<string, TaskId>,
  having: (home: Home) => ReadonlySet<string>,
): void {
  const most = Math.max(...homes.map((home) => home.most));
  // Who has little takes first, so that a copy of one's state is not left to who has many.
  const order = [...homes].sort(
    (a, b) => having(a).size - having(b).size || (a.id < b.id ? -1 : 1),
  );
  for (const home of order) {
    // By partition: who gives some up keeps a share of every sub-topology.
    const tasks = [...having(home)].flatMap((id) => open.get(id) ?? []).sort(byPartition);
    for (const task of tasks.slice(0, most - home.tasks.length)) {
      home.take(task);
      open.delete(task.id);
    }
  }
}

/** The fullest give to the emptiest until they differ by at most one. */
function level(homes: readonly Home[]): void {
  for (;;) {
    let least = homes[0] as Home;
    let most = homes[0] as Home;
    for (const home of homes) {
      if (home.tasks.length < least.tasks.length) least = home;
      if (home.tasks.length > most.tasks.length) most = home;
    }
    if (most.tasks.length - least.tasks.length <= 1) return;
    least.take(most.give(least));
  }
}

class Home {
  readonly id: string;
  readonly running: ReadonlySet<string>;
  readonly kept: ReadonlySet<string>;
  readonly most: number;
  readonly tasks: TaskId[] = [];
  readonly #perSub = new Map<number, number>();

  constructor(member: TaskMember, tasks: number, members: number) {
    this.id = member.id;
    this.running = new Set(member.running);
    this.kept = new Set(member.kept);
    this.most = Math.ceil(tasks / members);
  }

  take(task: TaskId): void {
    this.tasks.push(task);
    this.#perSub.set(task.subTopology, this.of(task.subTopology) + 1);
  }

  of(subTopology: number): number {
    return this.#perSub.get(subTopology) ?? 0;
  }

  /** Fewer tasks, then fewer of this sub-topology. */
  isBetterFor(task: TaskId, other: Home): boolean {
    if (this.tasks.length !== other.tasks.length) return this.tasks.length < other.tasks.length;
    return this.of(task.subTopology) < other.of(task.subTopology);
  }

  /**
   * Gives up the task whose loss costs least: not running here, of the sub-topology it has most of.
   */
  give(to: Home): TaskId {
    let chosen = 0;
    let least = Number.POSITIVE_INFINITY;
    this.tasks.forEach((task, i) => {
      const cost =
        (this.running.has(task.id) ? 1_000_000 : 0) +
        (to.kept.has(task.id) ? 0 : 1_000) -
        (this.of(task.subTopology) - to.of(task.subTopology));
      if (cost < least) {
        least = cost;
        chosen = i;
      }
    });
    const [task] = this.tasks.splice(chosen, 1) as [TaskId];
    this.#perSub.set(task.subTopology, this.of(task.subTopology) - 1);
    return task;
  }
}

function byId(a: TaskId, b: TaskId): number {
  return a.subTopology - b.subTopology || partitionOf(a) - partitionOf(b);
}

function byPartition(a: TaskId, b: TaskId): number {
  return partitionOf(a) - partitionOf(b) || a.subTopology - b.subTopology;
}

function partitionOf({ id }: TaskId): number {
  return Number(id.split('_')[1]);
}
