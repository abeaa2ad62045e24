// The HTTP API of the app, with the key of this tab.

// This file is <base>/dashboard/files/scripts/api.js, wherever the app is mounted.
const BASE = new URL("../../../", import.meta.url);
const STORED = "api-key";

/** An answer that says what was wrong; `status` 0: there was no answer. */
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const key = {
  get: () => sessionStorage.getItem(STORED),
  set: (value) => sessionStorage.setItem(STORED, value),
  forget: () => sessionStorage.removeItem(STORED),
};

/** JSON of a call. Throws ApiError. */
export async function call(method, path, { json, body, headers = {} } = {}) {
  const sent = { ...headers };
  if (json !== undefined) sent["Content-Type"] = "application/json";
  const response = await answer(method, path, sent, json === undefined ? body : JSON.stringify(json));
  return response.json();
}

/** What is behind a path, with its ETag: {data, etag}, or null where it is what `etag` names. */
export async function changed(path, etag) {
  const response = await answer("GET", path, etag ? { "If-None-Match": etag } : {});
  return response.status === 304 ? null : { data: await response.json(), etag: response.headers.get("ETag") };
}

async function answer(method, path, headers, body) {
  let response;
  try {
    // Without an empty Accept-Language the browser's own would choose one locale of a product.
    const all = { ...headers, "Accept-Language": "", "X-API-Key": key.get() ?? "" };
    response = await fetch(new URL(path, BASE), { method, headers: all, body, cache: "no-store" });
  } catch {
    throw new ApiError(0, "unreachable", "The app does not answer.");
  }
  if (response.ok || response.status === 304) return response;
  const said = await response.json().catch(() => null);
  const error = said?.error ?? {
    code: String(response.status),
    message: `The app answered ${response.status}.`,
  };
  throw new ApiError(response.status, error.code, error.message);
}

/** A path with parameters; empty ones are left out. */
export function withQuery(path, parameters) {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== "" && value != null && value !== 0,
  );
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}
