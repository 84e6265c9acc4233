// The recipe of the old manual that waits for what is in flight.
import { server } from './plain.js';

process.on('message', (message) => {
  if (message === 'shutdown') server.close(() => process.exit(0));
});
