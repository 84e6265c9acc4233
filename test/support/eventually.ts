/** Asks again and again, until the answer is not undefined; for what no event tells (another process, a file). */
export async function eventually<T>(ask: () => T | undefined | Promise<T | undefined>, ms = 20_000): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${ask}`);
    await new Promise((again) => setTimeout(again, 15));
  }
}
