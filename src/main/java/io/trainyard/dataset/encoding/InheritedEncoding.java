package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.encoding.Encoding.LearnedEncodings;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.InputSpec.Unknown;
import io.trainyard.tensor.ElementType;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reuses the encoding of another version. Its columns must exist and hold what it can encode. */
final class InheritedEncoding {
  private final LearnedEncodings learned;
  private final KnownColumns columns;
  private final Violations violations;
  private final Tolerance tolerance;

  InheritedEncoding(
      LearnedEncodings learned, KnownColumns columns, Violations violations, Tolerance tolerance) {
    this.tolerance = tolerance;
    this.learned = learned;
    this.columns = columns;
    this.violations = violations;
  }

  /** The inherited encoding, with a violation for each column that it cannot encode. */
  InputEncoding input(InputEncoding inherited, String at) {
    inherited.columns().forEach(column -> check(column, inherited.type(), at, tolerance.inputs()));
    if (inherited.window() != null) {
      inherited.window().columns().forEach(column -> columns.find(column, at));
    }
    return inherited;
  }

  /**
   * @param output the network output it trains now
   */
  TargetEncoding target(TargetEncoding inherited, String output, String at) {
    return switch (inherited) {
      case TargetEncoding.ClassTarget labels -> classes(labels, output, at);
      case TargetEncoding.NumberTarget numbers -> {
        var _ = numbers(numbers.encoding(), output, at);
        yield new TargetEncoding.NumberTarget(output, numbers.encoding(), numbers.interval());
      }
      // Another loss may compare these numbers with the output one by one.
      case TargetEncoding.RawTarget raw when !raw.survival() -> numbers(raw.encoding(), output, at);
      case TargetEncoding.RawTarget raw -> {
        var _ = numbers(raw.encoding(), output, at);
        SurvivalColumns.check(raw.encoding(), columns::known, _ -> at, violations);
        yield new TargetEncoding.RawTarget(output, raw.encoding(), true);
      }
      case TargetEncoding.InputTarget input ->
          new TargetEncoding.InputTarget(output, input.input());
      case TargetEncoding.LayerTarget layer ->
          new TargetEncoding.LayerTarget(output, layer.layer());
    };
  }

  private TargetEncoding numbers(InputEncoding numbers, String output, String at) {
    numbers.columns().forEach(c -> check(c, numbers.type(), at, tolerance.targets()));
    return new TargetEncoding.NumberTarget(output, numbers);
  }

  /** The same classes in the same order; their type is that of the column that has them now. */
  private TargetEncoding classes(TargetEncoding.ClassTarget labels, String output, String at) {
    Column column = columns.find(labels.column(), at);
    ColumnType type = labels.type();
    if (column != null && column.type() != type && !column.isEmpty()) {
      boolean fits =
          labels.classes().stream()
              .allMatch(label -> ColumnEncodingReader.fits(label, column.type()));
      type = fits ? column.type() : type;
      if (!fits) {
        violations.add(at, changed(column, labels.type()));
      }
    }
    if (column != null) {
      if (!tolerance.targets()) {
        checkMissing(column, at, "a row without its target cannot be trained on");
      }
      String advice =
          DefaultEncoding.isMadeUp(labels)
              ? "; an import without 'classes' assumes such labels: import the version again with"
                  + " 'classes', in the order of its outputs, or with 'encoding'"
              : "";
      checkKnown(column, "classes", labels.classes(), advice, at);
    }
    return new TargetEncoding.ClassTarget(output, labels.column(), type, labels.classes())
        .decidedBy(labels.decision())
        .sure(labels.calibration(), labels.sets());
  }

  private void check(ColumnEncoding encoding, ElementType type, String at, boolean skipped) {
    Column column = columns.find(encoding.column(), at);
    if (column == null) {
      return;
    }
    boolean fits =
        column.isEmpty()
            || ((encoding.type() == column.type()
                    || (encoding.type().isNumber() && column.type().isNumber()))
                && Objects.equals(encoding.shape(), column.shape())
                && !(type == ElementType.INT64 && column.type() == ColumnType.NUMBER));
    if (!fits) {
      violations.add(at, changed(column, encoding.type()));
      return;
    }
    if (skipped) {
      return;
    }
    switch (encoding) {
      case ColumnEncoding.Numeric number -> {
        if (number.refusesMissing()) {
          checkMissing(column, at, "its encoding imputes nothing");
        }
      }
      case ColumnEncoding.Category category -> {
        if (category.refusesMissing()) {
          checkMissing(column, at, "its encoding imputes nothing");
        }
        if (category.unknown() == Unknown.ERROR) {
          checkKnown(column, "categories", category.categories(), "", at);
        }
      }
    }
  }

  private void checkMissing(Column column, String at, String why) {
    if (column.profile().nulls() > 0) {
      violations.add(at, KnownColumns.missing(column) + "; " + why);
    }
  }

  /**
   * @param advice what can be done about unknown labels
   */
  private void checkKnown(
      Column column, String what, List<String> known, String advice, String at) {
    List<String> found = columns.distinct(column, what, at);
    Set<String> all = new HashSet<>(known);
    List<String> others =
        found == null ? List.of() : found.stream().filter(label -> !all.contains(label)).toList();
    if (!others.isEmpty()) {
      violations.add(
          at,
          "Column '%s' holds %s, which the %s of its encoding lack: %s%s"
              .formatted(
                  column.name(),
                  JsonObject.shorten(others),
                  what,
                  JsonObject.shorten(known),
                  advice));
    }
  }

  private static String changed(Column column, ColumnType before) {
    return "Column '%s' was %s before and is %s"
        .formatted(column.name(), before.word(), column.type().word());
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
