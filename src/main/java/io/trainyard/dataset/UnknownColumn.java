package io.trainyard.dataset;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import java.util.List;

/** The name of a column that a dataset does not have, and what its caller is told. */
public final class UnknownColumn {
  private static final String NONE = "There is no column '";

  private UnknownColumn() {}

  /**
   * Adds the violation.
   *
   * @param dataset all of its columns, whichever of them are read
   */
  public static void violate(
      String name, List<Column> dataset, String pointer, Violations violations) {
    // Advice takes long: only what is kept gets some.
    violations.add(
        () -> {
          List<String> names = dataset.stream().map(Column::name).toList();
          return new Violation(
              pointer,
              NONE
                  + JsonObject.shorten(name)
                  + "'"
                  + NameAdvice.bySpelling(name, names)
                  + "; the dataset has "
                  + JsonObject.shorten(names));
        });
  }

  /** Whether a violation is of this kind, so that it holds whichever rows are selected. */
  public static boolean isIn(Violation violation) {
    return violation.detail().startsWith(NONE);
  }
}
