package io.trainyard.predict.analysis;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.json.StrictJson;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The numbers of a target whose mean and spread are told, in its own units. */
final class ToldNumbers {
  private ToldNumbers() {}

  /** The numbers of some rows: of a class with probabilities these, else what decides it. */
  static HostTensor of(
      Encoding encoding, String target, Map<String, HostTensor> outputs, int rows) {
    return switch (encoding.decodeTarget(target, outputs, rows)) {
      case TargetEncoding.Decoded.Numbers(HostTensor numbers, _) -> numbers;
      case TargetEncoding.Decoded.Labels(_, HostTensor probabilities, _)
          when probabilities != null ->
          probabilities;
      case TargetEncoding.Decoded.Labels _ -> margins(target, encoding, outputs);
    };
  }

  /** A class without probabilities has the number that decides it. */
  private static HostTensor margins(
      String target, Encoding encoding, Map<String, HostTensor> outputs) {
    TargetEncoding own = Objects.requireNonNull(encoding.targets().get(target));
    return Objects.requireNonNull(outputs.get(own.output()));
  }

  /**
   * The numbers of one row by class or column.
   *
   * @param encoding null for a model that predicts tensors
   * @param own of the target
   */
  static JsonNode json(
      @Nullable Encoding encoding, String name, SampleMoments own, double[] numbers) {
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
          ColumnNumbers.nested(own.like.shape().row(), numbers);
      case null -> ColumnNumbers.nested(own.like.shape().row(), numbers);
    };
  }
}
