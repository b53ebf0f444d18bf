package io.trainyard.predict.analysis;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.json.StrictJson;
import io.trainyard.tensor.Shape;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The numbers of a target whose mean and spread are told, in its own units. */
final class ToldNumbers {
  private ToldNumbers() {}

  /**
   * The numbers of one row by class or column.
   *
   * @param encoding null for a model that predicts tensors
   * @param row their shape
   */
  static JsonNode json(@Nullable Encoding encoding, String name, Shape row, double[] numbers) {
    TargetEncoding target = encoding == null ? null : encoding.targets().get(name);
    return switch (target) {
      case TargetEncoding.ClassTarget labels when labels.scores().hasProbabilities() ->
          ColumnNumbers.byName(labels.classes(), numbers);
      case TargetEncoding.NumberTarget(String _, InputEncoding columns, _) ->
          columns.columns().size() == 1
              ? ColumnNumbers.of(columns, numbers, false).get(columns.columns().getFirst().column())
              : ColumnNumbers.of(columns, numbers, false);
      case TargetEncoding.InputTarget(String _, String input) ->
          ColumnNumbers.of(
              Objects.requireNonNull(Objects.requireNonNull(encoding).inputs().get(input)),
              numbers,
              false);
      case TargetEncoding.RawTarget _ when numbers.length == 1 -> StrictJson.number(numbers[0]);
      case TargetEncoding.ClassTarget _, TargetEncoding.RawTarget _, TargetEncoding.LayerTarget _ ->
          ColumnNumbers.nested(row, numbers);
      case null -> ColumnNumbers.nested(row, numbers);
    };
  }
}
