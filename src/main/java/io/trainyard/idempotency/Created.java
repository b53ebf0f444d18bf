package io.trainyard.idempotency;

/**
 * A resource that a call created: enough to answer a retry when the call's own answer is lost.
 *
 * @param id unique within its kind; for the form see {@link Kind}
 */
public record Created(Kind kind, String id) {

  /** The kinds of resources that a call under a key can create. */
  public enum Kind {
    /** The id is the job's. */
    JOB("job"),
    /** The id is the sweep's. */
    SWEEP("sweep"),
    /** The id is the model's name. */
    MODEL("model"),
    /** The id is {@code model@number}. */
    MODEL_VERSION("model_version"),
    /** The id is {@code dataset@number}. */
    DATASET_VERSION("dataset_version");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** The stored form; it never changes. */
    public String word() {
      return word;
    }

    public static Kind of(String word) {
      for (Kind kind : values()) {
        if (kind.word.equals(word)) {
          return kind;
        }
      }
      throw new IllegalArgumentException("'" + word + "' is not a kind of created resource");
    }
  }
}
