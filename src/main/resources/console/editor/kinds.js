// What can be written: a job, which starts, or a model, which is stored. Both as a request to the service.
import { path } from "../api.js";
import { DEEPEST } from "./json-text.js";

/** Each: the schema that its text follows, and the request that sends it; `spot` is where the text stands in what is checked, and `deepest` how deep it may be nested there. */
export const KINDS = {
  job: {
    schema: "job",
    spot: "",
    deepest: DEEPEST,
    send: "Start the job",
    check: (text) => text,
    request: () => ({ title: "Start this job", method: "POST", path: "/v1/jobs" }),
    address: ({ id }) => path`/jobs/${id}`,
  },
  model: {
    schema: "model",
    spot: "/model",
    deepest: DEEPEST - 1,
    send: "Store the model",
    check: (text) => `{"model": ${text}}`,
    /** A model that was read is replaced only as it was read; with another name it is a new one. */
    request: ({ name, source, tag }) => (name && source === `model=${name}`
      ? { title: "Replace this model", method: "PUT", path: path`/v1/models/${name}`, headers: tag ? { "If-Match": tag } : {} }
      : { title: "Store this model", method: "POST", path: "/v1/models" }),
    address: ({ name }) => path`/models/${name}`,
  },
};
