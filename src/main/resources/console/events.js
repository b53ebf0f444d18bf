// One stream of events for all jobs that this tab watches. It bears the key, so it is fetched; EventSource sends none.
import { base, bus, key, problem } from "./api.js";

const FIRST_RETRY = 500;
const LAST_RETRY = 15_000;
/** Without anything for this long, not even a comment, the connection is dead. */
const SILENCE = 40_000;

const watched = new Map(); // by id of job: { position, listeners }
let stream = null;
let opening = 0;
let failures = 0;

/** As the position of a reader: after every event that there is. */
const NOW = 999_999_999;

/**
 * Calls the listener with { type, data } for each event of a job, from its first one or from now on; returns what ends it. The type
 * "lost" says that events stopped, as one of the jobs is gone: its listeners find out which.
 */
export function watchJob(id, listener, { fromNow = false } = {}) {
  if (!watched.has(id)) {
    watched.set(id, { position: fromNow ? NOW : 0, listeners: new Set() });
    reopen();
  }
  watched.get(id).listeners.add(listener);
  return () => {
    const own = watched.get(id);
    own?.listeners.delete(listener);
    if (own && !own.listeners.size) {
      watched.delete(id);
      reopen();
    }
  };
}

bus.addEventListener("key", () => watched.size && reopen());
addEventListener("online", () => watched.size && reopen());

/** Several changes in one go open one stream. */
function reopen(after = 20) {
  clearTimeout(opening);
  stream?.abort();
  stream = null;
  if (watched.size) opening = setTimeout(read, after);
}

async function read() {
  const own = new AbortController();
  stream = own;
  const jobs = [...watched.keys()];
  let silence = 0;
  const alive = () => {
    clearTimeout(silence);
    silence = setTimeout(() => own.abort(), SILENCE);
  };
  let wait = 0;
  try {
    alive();
    const answer = await fetch(`${base}/v1/events?jobs=${jobs.map(encodeURIComponent).join(",")}`, {
      signal: own.signal,
      cache: "no-store",
      headers: {
        Accept: "text/event-stream",
        "Last-Event-ID": jobs.map((id) => `${id}=${watched.get(id).position}`).join(","),
        ...(key() && { Authorization: `Bearer ${key()}` }),
      },
    });
    if (!answer.ok) throw await problem(answer);
    if (answer.status === 204) {
      jobs.forEach((id) => watched.delete(id));
    } else {
      await follow(answer.body.pipeThrough(new TextDecoderStream()).getReader(), alive);
    }
    failures = 0;
  } catch (failure) {
    if (own !== stream) return; // another stream has taken its place
    if (failure.status && failure.status < 500 && !failure.passes && failure.status !== 401) {
      // One of them is gone, or hidden from this key; their pages say which.
      const listeners = jobs.flatMap((id) => [...(watched.get(id)?.listeners || [])]);
      jobs.forEach((id) => watched.delete(id));
      listeners.forEach((listener) => listener({ type: "lost", data: {} }));
    }
    wait = Math.max(Math.min(LAST_RETRY, FIRST_RETRY * 2 ** failures++), (failure.retryAfter || 0) * 1_000);
  } finally {
    clearTimeout(silence);
  }
  if (own === stream) reopen(wait || FIRST_RETRY);
}

async function follow(reader, alive) {
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    blocks.forEach(tell);
  }
}

function tell(block) {
  let type = "";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) type = line.slice(7);
    else if (line.startsWith("data: ")) data += line.slice(6);
    else if (line.startsWith("id: ")) {
      for (const pair of line.slice(4).split(",")) {
        const [id, position] = pair.split("=");
        const own = watched.get(id);
        if (own) own.position = Number(position);
      }
    }
  }
  if (!data) return;
  const event = { type, data: JSON.parse(data) };
  const own = watched.get(event.data.job);
  own?.listeners.forEach((listener) => listener(event));
  if (type === "done") watched.delete(event.data.job);
}
