/** A program that serves, and is ended with all its processes. */
export interface Side {
  end(): Promise<void>;
}

const running = new Set<Side>();

/** It is ended by `endAll`, unless by `ended` before. */
export function started<Started extends Side>(side: Started): Started {
  running.add(side);
  return side;
}

export async function ended(side: Side): Promise<void> {
  running.delete(side);
  await side.end();
}

export async function endAll(): Promise<void> {
  for (const side of [...running]) await ended(side);
}
