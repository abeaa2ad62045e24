// Watching: conditional requests while the tab is seen, none while it is hidden, and patience when lost.

import { changed } from "./api.js";

const LONGEST_PAUSE = 10_000;

/** Whether the app can be reached; `onChange` hears of every turn. */
export const connection = { lostSince: null, onChange: () => {}, onRefused: () => {} };

/**
 * Ask for a path every `interval` ms and give each new answer to `take`. Returns {stop, now}.
 */
export function watch(path, interval, take) {
  let etag = null;
  let timer = null;
  let failures = 0;
  let asking = false;
  let stopped = false;

  async function ask() {
    clearTimeout(timer);
    if (stopped || asking || document.hidden) return;
    asking = true;
    try {
      const found = await changed(path, etag);
      if (stopped) return;
      failures = 0;
      heard();
      if (found) {
        etag = found.etag;
        take(found.data);
      }
    } catch (error) {
      if (stopped) return;
      if (error.status === 404 || error.status === 410) return; // what is gone is not asked for again
      if (error.status === 401 || error.status === 403) return connection.onRefused(error);
      failures += 1;
      lost(error);
    } finally {
      asking = false;
    }
    timer = setTimeout(ask, failures ? Math.min(LONGEST_PAUSE, 1000 * 2 ** (failures - 1)) : interval);
  }

  const again = () => (document.hidden ? clearTimeout(timer) : ask());
  document.addEventListener("visibilitychange", again);
  window.addEventListener("online", ask);
  ask();
  return {
    now: ask,
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
      window.removeEventListener("online", ask);
    },
  };
}

function heard() {
  if (connection.lostSince === null) return;
  connection.lostSince = null;
  connection.onChange(null);
}

function lost(error) {
  connection.lostSince ??= new Date();
  connection.onChange(error);
}
