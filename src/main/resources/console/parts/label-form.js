// The note and the tags of a job, to be changed.
import { css, html, Part } from "../part.js";

class LabelForm extends Part {
  static sheet = css`
    label-form { display: block; margin-top: 1rem; }
    label-form form { margin-top: .8rem; }
    label-form label { display: grid; gap: .2rem; }
    label-form textarea { resize: vertical; }`;

  /** `job`: whose they are; `busy`: whether something is done with it. Saying "save" hands on what is to be patched. */
  static properties = { job: {}, busy: { type: Boolean } };

  #save(event) {
    event.preventDefault();
    const { note, tags } = event.target.elements;
    // A tag that is no longer there is taken away.
    const changed = Object.fromEntries(Object.keys(this.job.tags).map((name) => [name, null]));
    for (const line of tags.value.split("\n").filter((each) => each.trim())) {
      const [name, ...value] = line.split(":");
      changed[name.trim()] = value.join(":").trim();
    }
    this.dispatchEvent(new CustomEvent("save", { detail: { description: note.value.trim() || null, tags: changed } }));
  }

  close() {
    this.querySelector("details").open = false;
  }

  render() {
    const { description, tags } = this.job;
    return html`<details><summary>Change the note and the tags</summary><form class="stack" @submit=${this.#save}>
      <label>Note <textarea name="note" rows="3" .value=${description || ""}></textarea></label>
      <label>Tags, one on each line <textarea name="tags" rows="3" placeholder="team: vision" spellcheck="false"
        .value=${Object.entries(tags).map(([name, value]) => `${name}: ${value}`).join("\n")}></textarea></label>
      <div class="row"><button class="main" ?disabled=${this.busy}>Save</button></div></form></details>`;
  }
}

customElements.define("label-form", LabelForm);
