// Azurite writes its tables and its list of blobs to disk every five seconds, and a killed one forgets what it
// has acknowledged since. Azure Storage forgets nothing, so here it writes twenty times a second.
const setIntervalOfNode = global.setInterval;
global.setInterval = (work, milliseconds, ...rest) =>
  setIntervalOfNode(work, milliseconds === 5000 ? 50 : milliseconds, ...rest);
