// A library that gathers metrics from the workers of a cluster: it listens to messages of its own, and has a timer. Nothing here
// knows of 'shutdown'.
import './plain.js';

process.on('message', (message) => {
  if (message?.type === 'metrics:request') process.send({ type: 'metrics:response', metrics: [] });
});
setInterval(() => {}, 10_000);
