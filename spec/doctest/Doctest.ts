/** What a doctest gives a program: a way to check what a line comes to, and one to bring tests. */
export interface Doctest {
  equal(actual: unknown, expected: unknown): void;
  test(name: string, run: () => unknown): void;
}

/** The one function of the module made of a program. */
export type Run = (doctest: Doctest) => Promise<void>;
