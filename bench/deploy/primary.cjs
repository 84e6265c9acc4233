// Bare node:cluster: forks as many workers as it is told, no more at once than it is told, with a turn of the loop between two forks.
const cluster = require('node:cluster');

cluster.setupPrimary({ exec: require('node:path').join(__dirname, 'server.cjs') });

let left = 0;
let booting = 0;
let atOnce = 0;
let filling = false;

process.on('message', ({ workers, parallel }) => {
  left = workers;
  atOnce = parallel;
  fill();
});
process.on('disconnect', () => process.exit());

cluster.on('listening', () => {
  booting -= 1;
  if (left === 0 && booting === 0) process.send(Object.values(cluster.workers).map((worker) => worker.process.pid));
  else fill();
});

function fill() {
  if (filling || left === 0 || booting === atOnce) return;
  filling = true;
  left -= 1;
  booting += 1;
  cluster.fork();
  setImmediate(() => {
    filling = false;
    fill();
  });
}
