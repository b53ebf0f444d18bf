package io.trainyard.store.backup;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.database.TableRules;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Why an archive is refused. */
final class DamagedArchive {
  private DamagedArchive() {}

  static ServiceException because(String reason) {
    return new ServiceException(
        ErrorCode.MALFORMED_BODY,
        "The archive cannot be restored: %s; nothing was changed".formatted(reason));
  }

  /**
   * For a value of a row.
   *
   * @param place the row
   * @param value as it is shown
   */
  static ServiceException at(String place, String column, String value, String expected) {
    return because(
        ("%s has %s in the column '%s', expected %s; correct it where the backup was made and make"
                + " a new one, or restore an earlier backup")
            .formatted(place, value.isEmpty() ? "nothing" : value, column, expected));
  }

  /** The same for values that together are wrong. */
  static ServiceException at(String place, List<String> columns, JsonNode row, String expected) {
    return at(
        place,
        String.join("', '", columns),
        columns.stream()
            .map(column -> TableRules.shown(row.path(column)))
            .collect(Collectors.joining(", ")),
        expected);
  }
}
