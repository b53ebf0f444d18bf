package io.trainyard.job;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.spec.ModelReference;
import io.trainyard.spec.SpecReferences;
import io.trainyard.spec.check.Warning;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What a job is to do, with everything it names resolved: it never changes after submission. */
public sealed interface Task {
  /** The word callers know it by. */
  String kind();

  /** The model it works for. */
  String model();

  Placement placement();

  /** What the caller asked for, with versions and seed filled in. */
  JsonNode request();

  /**
   * Training of a network.
   *
   * @param request as in the body of a submission; {@code model} is always the name
   * @param spec the model object as it was at submission
   * @param dataset the rows it trains on
   */
  record Training(
      String model,
      JsonNode spec,
      JsonNode request,
      Dataset dataset,
      Placement placement,
      List<Warning> warnings)
      implements Task {
    public Training {
      warnings = List.copyOf(warnings);
    }

    @Override
    public String kind() {
      return "training";
    }

    /** All it reads: the rows to train on, and those to validate on when they are their own. */
    public List<Dataset> reads() {
      JsonNode other = request.at("/dataset/validation_dataset");
      return other.isObject()
          ? List.of(
              dataset,
              new Dataset(other.get("name").stringValue(), other.get("version").intValue()))
          : List.of(dataset);
    }

    /**
     * The versions it reads: those its network nests, those whose encodings an input copies, and
     * the one it starts from.
     */
    public List<ModelReference> versions() {
      return SpecReferences.ofJob(spec, request);
    }
  }

  /** A data set version by name. */
  record Dataset(String name, int version) {
    static Dataset of(DatasetVersion version) {
      return new Dataset(version.name(), version.version());
    }
  }

  /** Where a job waits, and how urgently. */
  record Placement(String pool, int priority) {}
}
