// Calls of the app's HTTP API, with the key of this tab.

// The base is found from this file's address, <base>/dashboard/files/scripts/api.js, under any path prefix.
const BASE = new URL("../../../", import.meta.url);
const STORAGE_NAME = "api-key";

/** An error response of the API. `status` is 0 when there was no response. */
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const key = {
  get: () => sessionStorage.getItem(STORAGE_NAME),
  set: (value) => sessionStorage.setItem(STORAGE_NAME, value),
  forget: () => sessionStorage.removeItem(STORAGE_NAME),
};

/** Call the API and return the JSON of its response. Throws ApiError. */
export async function call(method, path, { json, body, headers = {} } = {}) {
  const sent = { ...headers };
  if (json !== undefined) sent["Content-Type"] = "application/json";
  const response = await send(method, path, sent, json === undefined ? body : JSON.stringify(json));
  return response.json();
}

/** GET a path: {data, etag}, or null when nothing has changed since `etag`. Throws ApiError. */
export async function changed(path, etag) {
  const response = await send("GET", path, etag ? { "If-None-Match": etag } : {});
  return response.status === 304 ? null : { data: await response.json(), etag: response.headers.get("ETag") };
}

async function send(method, path, headers, body) {
  let response;
  try {
    // The browser's own Accept-Language would make the API return only one locale of a product.
    const all = { ...headers, "Accept-Language": "", "X-API-Key": key.get() ?? "" };
    response = await fetch(new URL(path, BASE), { method, headers: all, body, cache: "no-store" });
  } catch {
    throw new ApiError(0, "unreachable", "The app does not answer.");
  }
  if (response.ok || response.status === 304) return response;
  const sent = await response.json().catch(() => null);
  const error = sent?.error ?? {
    code: String(response.status),
    message: `The app returned the status ${response.status}.`,
  };
  throw new ApiError(response.status, error.code, error.message);
}

/** Add query parameters to a path. Empty values and zeros are left out. */
export function withQuery(path, parameters) {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== "" && value != null && value !== 0,
  );
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}
