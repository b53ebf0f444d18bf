package io.trainyard.model;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the encoding of an imported version and checks it against the spec. */
final class ImportedEncoding {
  private static final String POINTER = "/encoding";

  private final ModelSpec model;
  private final Violations violations;

  ImportedEncoding(ModelSpec model, Violations violations) {
    this.model = model;
    this.violations = violations;
  }

  /**
   * The encoding; null for a model that takes tensors, and when there are violations.
   *
   * @param given null when every column is a plain number
   */
  @Nullable Encoding read(@Nullable JsonNode given) {
    if (model.takesRawTensors()) {
      if (given != null) {
        violations.add(POINTER, "A model without 'inputs' takes tensors and has no encoding");
      }
      return null;
    }
    return given == null ? Encoding.defaultOf(model, "/spec", violations) : checked(given);
  }

  private @Nullable Encoding checked(JsonNode given) {
    Encoding encoding;
    try {
      encoding = Encoding.fromJson(given);
    } catch (ServiceException e) {
      violations.add(POINTER, e.detail());
      return null;
    }
    checkNames("inputs", encoding.inputs(), model.inputs());
    checkNames("targets", encoding.targets(), model.targets());
    checkColumns(encoding);
    checkOutputs(encoding);
    return encoding;
  }

  private void checkNames(String what, Map<String, ?> encoding, Map<String, ?> spec) {
    if (!encoding.keySet().equals(spec.keySet())) {
      violations.add(
          POINTER + "/" + what,
          "The encoding has the " + what + " " + encoding.keySet() + ", the spec " + spec.keySet());
    }
  }

  private void checkColumns(Encoding encoding) {
    model
        .inputs()
        .forEach(
            (name, input) -> {
              var learned = encoding.inputs().get(name);
              if (learned != null
                  && !input.takesAllColumns()
                  && !learned.columnNames().equals(input.columns())) {
                violations.add(
                    Violation.pointer(POINTER + "/inputs", name),
                    "The columns are "
                        + learned.columnNames()
                        + ", the spec has "
                        + input.columns());
              }
            });
  }

  private void checkOutputs(Encoding encoding) {
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              if (model.targets().containsKey(name)
                  && !target.output().equals(model.outputOf(name))) {
                violations.add(
                    Violation.pointer(POINTER + "/targets", name),
                    "It is for the output '"
                        + target.output()
                        + "', the spec trains '"
                        + model.outputOf(name)
                        + "'");
              }
            });
  }
}
