// Leaves on 'shutdown', and resets whatever is idle then.
import { createHttpTerminator } from 'http-terminator';
import { server } from './plain.js';

const terminator = createHttpTerminator({ server });

process.on('message', async (message) => {
  if (message !== 'shutdown') return;
  await terminator.terminate();
  process.exit(0);
});
