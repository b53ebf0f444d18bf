// The requests of a page as curl, Python and Java: what a page does, a program can do.
import { base, key } from "../api.js";
import { css, html, Part } from "../part.js";

const quoted = (text) => `'${text.replace(/'/g, `'\\''`)}'`;
const string = (text) => JSON.stringify(text).replace(/[\u007f-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
const json = (body) => JSON.stringify(body, null, 1).replace(/\n\s*/g, " ");

/** Each takes { method, path, headers, body, file, type, stream } and whether a key is needed. */
const LANGUAGES = {
  curl({ method, path, headers = {}, body, file, type, stream }, secret) {
    const parts = [`curl -fsS${stream ? "N" : ""}${method === "GET" || body || file ? "" : ` -X ${method}`} ${quoted(location.origin + base + path)}`];
    if (secret) parts.push(`-H "Authorization: Bearer $TRAINYARD_KEY"`);
    if (body || file) parts.push(`-H ${quoted(`Content-Type: ${type || "application/json"}`)}`);
    for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
    if (body && method !== "POST") parts.push(`-X ${method}`);
    if (body) parts.push(`-d ${quoted(json(body))}`);
    if (file) parts.push(`--data-binary ${quoted(`@${file}`)}`);
    return parts.join(" \\\n  ");
  },
  Python({ method, path, headers: own = {}, body, file, type, stream }, secret) {
    const headers = Object.entries(own).map(([name, value]) => `${string(name)}: ${string(value)}`);
    if (secret) headers.push(`"Authorization": "Bearer " + os.environ["TRAINYARD_KEY"]`);
    if (body || file) headers.push(`"Content-Type": ${string(type || "application/json")}`);
    const data = body ? `json.dumps(json.loads(${string(json(body))})).encode()` : file ? `open(${string(file)}, "rb").read()` : "None";
    return [
      "import json, os, urllib.request", "",
      "request = urllib.request.Request(",
      `    ${string(location.origin + base + path)},`,
      `    method=${string(method)},`,
      ...(body || file ? [`    data=${data},`] : []),
      ...(headers.length ? [`    headers={${headers.join(", ")}},`] : []),
      ")",
      "with urllib.request.urlopen(request) as answer:",
      ...(stream ? ["    for line in answer:", "        print(line.decode(), end=\"\")"] : ["    print(json.load(answer))"]),
    ].join("\n");
  },
  Java({ method, path, headers = {}, body, file, type, stream }, secret) {
    const publisher = body ? `BodyPublishers.ofString(${string(json(body))})`
      : file ? `BodyPublishers.ofFile(Path.of(${string(file)}))` : "BodyPublishers.noBody()";
    return [
      `var request = HttpRequest.newBuilder(URI.create(${string(location.origin + base + path)}))`,
      ...(secret ? [`    .header("Authorization", "Bearer " + System.getenv("TRAINYARD_KEY"))`] : []),
      ...(body || file ? [`    .header("Content-Type", ${string(type || "application/json")})`] : []),
      ...Object.entries(headers).map(([name, value]) => `    .header(${string(name)}, ${string(value)})`),
      `    .method(${string(method)}, ${publisher})`,
      "    .build();",
      `var answer = HttpClient.newHttpClient().send(request, BodyHandlers.${stream ? "ofLines" : "ofString"}());`,
      stream ? "answer.body().forEach(System.out::println);" : "System.out.println(answer.body());",
    ].join("\n");
  },
};

class CopyCall extends Part {
  static sheet = css`
    copy-call summary { cursor: pointer; color: var(--soft); font-size: .92rem; font-weight: 550; padding: .3rem 0; }
    copy-call summary:hover { color: var(--ink); }
    copy-call .calls { display: grid; gap: 1rem; margin-top: .6rem; grid-template-columns: minmax(0, 1fr); }
    copy-call .call { display: grid; gap: .4rem; grid-template-columns: minmax(0, 1fr); }
    copy-call .languages { display: flex; gap: .3rem; }
    copy-call .languages button[aria-pressed=true] { background: var(--accent-tint); color: var(--accent); border-color: var(--accent); }`;

  static properties = { calls: {}, language: { state: true }, copied: { state: true } };

  constructor() {
    super();
    this.calls = [];
    this.language = "curl";
    this.copied = -1;
  }

  async #copy(text, i) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Browsers give pages without HTTPS no clipboard: the text is marked, and Ctrl C copies it.
      getSelection().selectAllChildren(this.querySelectorAll("pre")[i]);
      return;
    }
    this.copied = i;
    setTimeout(() => { this.copied = -1; }, 1_500);
  }

  render() {
    return html`<details>
      <summary>Copy as curl, Python or Java</summary>
      <div class="calls">
        <div class="languages" role="group" aria-label="Language">
          ${Object.keys(LANGUAGES).map((name) => html`<button aria-pressed=${name === this.language} @click=${() => { this.language = name; }}>${name}</button>`)}
        </div>
        ${this.calls.map((call, i) => {
          const text = LANGUAGES[this.language](call, Boolean(key()));
          return html`<div class="call">
            <div class="row"><span class="strong small">${call.title}</span>
              <button class="plain" @click=${() => this.#copy(text, i)}>${this.copied === i ? "Copied" : "Copy"}<span class="unseen"> ${call.title}</span></button></div>
            <pre tabindex="0" aria-label=${`${call.title} in ${this.language}`}><code>${text}</code></pre></div>`;
        })}
      </div></details>`;
  }
}

customElements.define("copy-call", CopyCall);
