package io.trainyard.store.table;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks the names of columns. */
public final class ColumnNames {
  static final int MAX_COLUMNS = 20_000;
  private static final int MAX_LENGTH = 256;

  private ColumnNames() {}

  /** Refuses names that are blank, repeated, too long or contain control characters. */
  public static void check(List<String> names) {
    Violations violations = new Violations();
    if (names.isEmpty()) {
      violations.add("", "There are no columns");
    }
    checkCount(names.size());
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      String place = "Column " + (i + 1);
      if (name.isBlank()) {
        violations.add("", place + " has no name");
      } else if (name.length() > MAX_LENGTH) {
        violations.add(
            "",
            "%s has a name of %d characters; at most %d are allowed"
                .formatted(place, name.length(), MAX_LENGTH));
      } else if (name.chars().anyMatch(Character::isISOControl)) {
        violations.add("", place + " has a control character in its name");
      } else if (!seen.add(name)) {
        violations.add("", place + " has the name '" + name + "', which another column has");
      }
    }
    violations.throwIfAny(ErrorCode.INVALID_ROWS);
  }

  public static void checkCount(int columns) {
    if (columns > MAX_COLUMNS) {
      throw ServiceException.invalidRows(
          columns + " columns were found; at most " + MAX_COLUMNS + " are allowed");
    }
  }
}
