// The one way from the console to the service: the public HTTP API with the caller's own key.
const KEY = "trainyard.key";

/** The path under which a proxy shows the service, "" without one. This file is at <it>/console/files/<version>/api.js. */
export const base = new URL("../../../", import.meta.url).pathname.replace(/\/$/, "");

/** Tells "key" when the caller's key changed, and "changed" when this tab or another one changed something. */
export const bus = new EventTarget();

const tabs = new BroadcastChannel("trainyard");
tabs.onmessage = () => bus.dispatchEvent(new Event("changed"));

/** An answer that is no success, as RFC 9457 tells it. Status 0: there was no answer. */
export class Problem extends Error {
  constructor(status, body, retryAfter = 0) {
    super(body.detail || body.title || `The service answered ${status}`);
    this.status = status;
    this.title = body.title || `The service answered ${status}`;
    this.code = body.code || "";
    this.errors = body.errors || [];
    this.help = body.help && body.help.startsWith("/") && !body.help.startsWith("//") ? body.help : "";
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed a little later. */
  get passes() {
    return this.status === 0 || this.status === 429 || this.status >= 502 && this.status <= 504;
  }
}

export function key() {
  return sessionStorage.getItem(KEY) || "";
}

/** Lasts as long as the tab. */
export function setKey(text) {
  if (text) sessionStorage.setItem(KEY, text); else sessionStorage.removeItem(KEY);
  bus.dispatchEvent(new Event("key"));
}

/** Requests that change nothing although they are no GET. */
const READS = /:validate$|predict$|\/plots$|\/evaluation$/;

/** The answer to a request, as fetch gives it; throws a Problem for any that is no success. */
export async function send(method, path, { body, type, accept = "application/json", headers = {}, signal } = {}) {
  const own = key();
  let answer;
  try {
    answer = await fetch(base + path, {
      method,
      signal,
      cache: "no-store",
      headers: {
        Accept: accept,
        ...(own && { Authorization: `Bearer ${own}` }),
        ...(body !== undefined && { "Content-Type": type || "application/json" }),
        ...headers,
      },
      body: body === undefined || type ? body : JSON.stringify(body),
    });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw unreachable();
  }
  if (!answer.ok) {
    // A key that the service knows no more is forgotten, unless another has taken its place since.
    if (answer.status === 401 && own && own === key() && !headers.Authorization) setKey("");
    throw await problem(answer);
  }
  if (method !== "GET" && !READS.test(path.split("?")[0])) changed();
  return answer;
}

/** The JSON of an answer; null when it has none. */
export async function call(method, path, options) {
  const answer = await send(method, path, options);
  return answer.status === 204 ? null : json(answer);
}

/** The JSON of an answer that has some. */
export async function json(answer) {
  try {
    return await answer.json();
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw unreachable(); // it ended in the middle of its answer, or a proxy answered
  }
}

/** A problem as a page tells it that read the thing again: 412 says that somebody else changed it first. */
export function told(problem) {
  return problem.status !== 412 ? problem : new Problem(412, {
    title: "Somebody else changed it first",
    detail: "So nothing was done. The page shows now what they made of it: look, and do it again if you still want to.",
  });
}

function changed() {
  tabs.postMessage("changed");
  bus.dispatchEvent(new Event("changed"));
}

function unreachable() {
  return new Problem(0, { title: "The service does not answer", detail: "It may be restarting, or the network is away." });
}

export async function problem(answer) {
  let body = {};
  try { body = await answer.json(); } catch { /* a proxy answered */ }
  return new Problem(answer.status, body, Number(answer.headers.get("Retry-After")) || 0);
}

/** A file with the progress of its upload, which fetch does not tell. */
export function upload(path, file, type, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", base + path);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", type);
    if (key()) request.setRequestHeader("Authorization", `Bearer ${key()}`);
    request.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : null);
    request.onerror = () => reject(unreachable());
    request.onload = () => {
      let body = {};
      try { body = JSON.parse(request.responseText); } catch { /* a proxy answered */ }
      if (request.status >= 200 && request.status < 300) {
        changed();
        resolve(body);
      } else {
        reject(new Problem(request.status, body, Number(request.getResponseHeader("Retry-After")) || 0));
      }
    };
    request.send(file);
  });
}

/** A path of the API from its parts, each as one segment. */
export function path(strings, ...parts) {
  return String.raw({ raw: strings }, ...parts.map((part) => encodeURIComponent(part)));
}
