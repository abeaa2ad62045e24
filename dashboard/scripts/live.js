// Polling: conditional requests while the tab is visible, none while it is hidden, back-off while offline.

import { changed } from "./api.js";

const MAX_PAUSE_MS = 10_000;

/** The connection to the app. `lostSince` is null while the app answers; `onChange` is called on changes. */
export const connection = { lostSince: null, onChange: () => {}, onRefused: () => {} };

/**
 * Request a path every `interval` ms and pass each changed response to `take`.
 * Returns {stop, now}; `now` requests at once.
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
      reached();
      if (found) {
        etag = found.etag;
        take(found.data);
      }
    } catch (error) {
      if (stopped) return;
      if (error.status === 404 || error.status === 410) return; // a missing resource is not requested again
      if (error.status === 401 || error.status === 403) return connection.onRefused(error);
      failures += 1;
      lost(error);
    } finally {
      asking = false;
    }
    timer = setTimeout(ask, failures ? Math.min(MAX_PAUSE_MS, 1000 * 2 ** (failures - 1)) : interval);
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

function reached() {
  if (connection.lostSince === null) return;
  connection.lostSince = null;
  connection.onChange(null);
}

function lost(error) {
  connection.lostSince ??= new Date();
  connection.onChange(error);
}
