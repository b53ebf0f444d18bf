package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.Violations;
import org.jspecify.annotations.Nullable;

/** Reuses the encoding of another version. Its columns must exist with compatible types. */
final class InheritedEncoding {
  private final LearnedEncodings learned;
  private final KnownColumns columns;
  private final Violations violations;

  InheritedEncoding(LearnedEncodings learned, KnownColumns columns, Violations violations) {
    this.learned = learned;
    this.columns = columns;
    this.violations = violations;
  }

  /** The inherited encoding, with a violation when a column is missing or incompatible. */
  InputEncoding input(InputEncoding inherited, String at) {
    inherited.columns().forEach(column -> require(column.column(), column.type(), at));
    return inherited;
  }

  /**
   * @param output the network output it trains now
   */
  TargetEncoding target(TargetEncoding inherited, String output, String at) {
    return switch (inherited) {
      case TargetEncoding.ClassTarget labels -> {
        require(labels.column(), labels.type(), at);
        yield new TargetEncoding.ClassTarget(
            output, labels.column(), labels.type(), labels.classes());
      }
      case TargetEncoding.NumberTarget numbers -> {
        numbers.encoding().columns().forEach(c -> require(c.column(), c.type(), at));
        yield new TargetEncoding.NumberTarget(output, numbers.encoding());
      }
      case TargetEncoding.InputTarget input ->
          new TargetEncoding.InputTarget(output, input.input());
      case TargetEncoding.LayerTarget layer ->
          new TargetEncoding.LayerTarget(output, layer.layer());
    };
  }

  private void require(String name, ColumnType type, String at) {
    Column column = columns.find(name, at);
    if (column != null && !compatible(type, column.type())) {
      violations.add(
          at,
          "Column '"
              + name
              + "' was "
              + KnownColumns.lower(type)
              + " before and is "
              + KnownColumns.lower(column.type()));
    }
  }

  private static boolean compatible(ColumnType before, ColumnType now) {
    return before == now || (isNumber(before) && isNumber(now));
  }

  private static boolean isNumber(ColumnType type) {
    return type == ColumnType.INTEGER || type == ColumnType.NUMBER;
  }

  /** The other version's only input, or its input of the same name. */
  @Nullable InputEncoding like(String name, String reference, String at) {
    int separator = reference.indexOf('@');
    Encoding other =
        learned
            .find(reference.substring(0, separator), reference.substring(separator + 1))
            .map(LearnedEncodings.Learned::encoding)
            .orElse(null);
    if (other == null) {
      violations.add(at, "There is no version " + reference + " with a learned encoding");
      return null;
    }
    InputEncoding input =
        other.inputs().size() == 1
            ? other.inputs().values().iterator().next()
            : other.inputs().get(name);
    if (input == null) {
      violations.add(
          at,
          reference
              + " has no input '"
              + name
              + "', but "
              + String.join(", ", other.inputs().keySet()));
      return null;
    }
    return input(input, at);
  }
}
