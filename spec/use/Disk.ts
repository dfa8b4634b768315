import { memoryStorage, type StateStorage } from 'rxkstreams';

/** A disk that can be lost: whoever opens it then finds an empty one. */
export class Disk implements StateStorage {
  #disk = memoryStorage();
  lose(): void {
    this.#disk = memoryStorage();
  }
  open: StateStorage['open'] = (task) => this.#disk.open(task);
  tasks: StateStorage['tasks'] = () => this.#disk.tasks();
  wipe: StateStorage['wipe'] = (task) => this.#disk.wipe(task);
  close: StateStorage['close'] = () => this.#disk.close();
}
