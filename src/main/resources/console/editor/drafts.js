// What was changed and not sent, so that a reload keeps it: in the tab, the newest few, and none that is very long.

const KEPT = "trainyard.drafts";
const MOST = 8;
const LONGEST = 300_000;

function all() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) || [];
  } catch {
    return []; // the browser keeps nothing
  }
}

/** The draft that began as this source: { source, text, tag }; null without one. `tag` is what was stored when it began. */
export function draft(source) {
  return all().find((each) => each.source === source) || null;
}

/** Keeps a text, or forgets it where it is null. Whether it could. */
export function keepDraft(source, text, tag) {
  const kept = all().filter((each) => each.source !== source);
  const fits = text === null || text.length <= LONGEST;
  if (text !== null && fits) kept.unshift({ source, text, tag });
  kept.splice(MOST);
  while (kept.reduce((sum, each) => sum + each.text.length, 0) > LONGEST) kept.pop();
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
    return fits;
  } catch {
    return false;
  }
}
