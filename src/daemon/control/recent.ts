/** How long an answer is taken for the present one, in milliseconds, when nothing has been heard that would change it. */
const recentMs = 100;

/**
 * The last answer to a question that many may ask: to hand each of them on costs as much as all the rest of a call. What changes the answer
 * is told here as it happens, before anybody can have heard of it; the rest of it, such as times and loads, is a tenth of a second old at most.
 */
export class Recent<Answer> {
  #answer: Promise<Answer> | null = null;
  #askedAt = 0;

  constructor(private readonly ask: () => Promise<Answer>) {}

  /** Rejects as asking does; that is not kept. */
  get(): Promise<Answer> {
    if (this.#answer !== null && performance.now() - this.#askedAt < recentMs) return this.#answer;
    const answer = this.ask();
    this.#answer = answer;
    this.#askedAt = performance.now();
    answer.catch(() => {
      if (this.#answer === answer) this.forget();
    });
    return answer;
  }

  forget(): void {
    this.#answer = null;
  }
}
