// Every model: its newest version, the names that point to versions, and whether it answers.
import { path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { Live } from "../live.js";
import { keep, query, to } from "../router.js";
import { since, when } from "../words.js";
import "../parts/copy-call.js";
import "../parts/problem-note.js";

class ModelsPage extends Part {
  static sheet = css`
    models-page .alias { display: inline-block; padding: 0 .5rem; border-radius: .4rem; background: var(--accent-tint); color: var(--accent); font-size: .88rem; margin-right: .3rem; }
    models-page td:first-child { min-width: 9rem; }`;

  static properties = { find: { state: true } };

  constructor() {
    super();
    this.find = query().find || "";
    this.models = new Live(this, { every: 4_000 });
    this.models.watch("/v1/models?page_size=500");
  }

  render() {
    const { data, problem } = this.models;
    const shown = (data?.models || []).filter((model) => `${model.name} ${model.description || ""} ${JSON.stringify(model.tags)}`.toLowerCase().includes(this.find.toLowerCase()));
    return html`<div class="page">
      <div class="head"><h1>Models</h1>
        ${data?.models.length > 5 ? html`<input type="search" aria-label="A part of a name, description or tag" placeholder="Part of a name or tag" .value=${this.find}
          @input=${(event) => { this.find = event.target.value; keep({ find: this.find }); }}>` : nothing}
        <a class="button" href=${to("/editor", { example: "shapes" })}>Write a model</a></div>
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${!data ? nothing : shown.length ? html`<div class="card wide" tabindex="0" role="group" aria-label="Models"><table>
          <thead><tr><th scope="col">Model</th><th scope="col" class="number">Newest version</th><th scope="col">Names</th><th scope="col" class="number">Changed</th></tr></thead>
          <tbody>${shown.map((model) => html`<tr>
            <td><a class="strong" href=${to(path`/models/${model.name}`)}>${model.name}</a>${model.description ? html`<div class="soft small">${model.description}</div>` : nothing}</td>
            <td class="number">${model.latest_version ?? html`<span class="soft">not trained yet</span>`}</td>
            <td>${Object.entries(model.aliases).map(([alias, version]) => html`<span class="alias">${alias} → ${version}</span>`)}</td>
            <td class="number"><time datetime=${model.updated_at} title=${when(model.updated_at)}>${since(model.updated_at)}</time></td></tr>`)}</tbody></table></div>`
        : html`<div class="card empty">${data.models.length ? html`<p>No model has this in its name.</p>`
          : html`<p>There is no model yet: a job makes one.</p><a class="button" href=${to("", { lesson: "xor" })}>See a net learn</a>`}</div>`}
      <copy-call .calls=${[{ title: "All models", method: "GET", path: "/v1/models?page_size=500" }]}></copy-call>
    </div>`;
  }
}

customElements.define("models-page", ModelsPage);
