package io.trainyard.inspect.evaluation;

import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an evaluation tells besides the numbers over all rows.
 *
 * @param slices the columns by whose values the rows are grouped, as given: one may come again
 * @param importance null: no column is permuted
 */
public record EvaluationDetails(List<String> slices, @Nullable PermutationImportance importance) {
  static final String SLICES = "slices";
  private static final int MAX_SLICES = 10;

  public EvaluationDetails {
    slices = List.copyOf(slices);
  }

  /** The only kind of importance. */
  private enum Kind {
    PERMUTATION
  }

  /** Reads the members of a body. */
  static EvaluationDetails read(JsonObject body) {
    List<String> given = body.texts(SLICES);
    List<String> slices = given == null ? List.of() : given;
    long different = slices.stream().distinct().count();
    if (different > MAX_SLICES) {
      body.violate(
          SLICES,
          "At most %d columns can be sliced by at once, and %d are given"
              .formatted(MAX_SLICES, different));
    }
    return new EvaluationDetails(slices, importance(body));
  }

  private static @Nullable PermutationImportance importance(JsonObject body) {
    JsonNode given = body.get(PermutationImportance.NAME);
    JsonObject older = body.object(PermutationImportance.OLDER_NAME);
    if (given != null && older != null) {
      body.violate(
          PermutationImportance.OLDER_NAME,
          "'%s' is the older name of '%s': give one of them"
              .formatted(PermutationImportance.OLDER_NAME, PermutationImportance.NAME));
    }
    if (given != null) {
      return body.kind(
          PermutationImportance.NAME,
          given.isObject() ? body.object(PermutationImportance.NAME) : null,
          Kind.PERMUTATION,
          _ -> members -> PermutationImportance.read(members, PermutationImportance.NAME));
    }
    if (older == null) {
      return null;
    }
    PermutationImportance read =
        PermutationImportance.read(older, PermutationImportance.OLDER_NAME);
    older.finish();
    return read;
  }

  /** From query parameters, which have the names of the members. */
  public static EvaluationDetails ofParameters(
      @Nullable List<String> slices, @Nullable String importance) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    if (slices != null) {
      slices.forEach(body.putArray(SLICES)::add);
    }
    if (importance != null) {
      body.put(PermutationImportance.NAME, importance);
    }
    Violations violations = new Violations();
    EvaluationDetails details = read(JsonObject.of(body, "", violations));
    throwAsParameter(violations);
    return details;
  }

  /** Throws the first fault of a parameter, if there is one. */
  static void throwAsParameter(Violations violations) {
    if (!violations.isEmpty()) {
      Violation first = violations.list().getFirst();
      String[] names = first.pointer().split("/", 3);
      throw ServiceException.parameter(
          names.length > 1 ? names[1] + ": " + first.detail() : first.detail());
    }
  }

  /** Whether nothing is asked for. */
  public boolean isEmpty() {
    return slices.isEmpty() && importance == null;
  }
}
