// The recipe of the old manual that waits for nothing.
import './plain.js';

process.on('message', (message) => {
  if (message === 'shutdown') process.exit();
});
