package io.trainyard.model;

import io.trainyard.dataset.encoding.AnsweredInterval;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Interval;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The name of a tensor that says how sure a prediction is: {@code price_interval}, the two ends, or
 * {@code species_set}, whether each class is in the set. Where the rows to learn from were too few
 * there is none, and a name that means something else already is left out.
 *
 * @param of the target, or the column of two quantiles
 */
public record AnsweredCertainty(
    String name, String of, boolean isSet, ElementType type, Shape row) {
  /** The tensor for all rows. */
  public HostTensor tensor(Encoding encoding, Map<String, HostTensor> outputs, int rows) {
    HostTensor tensor =
        isSet
            ? ((TargetEncoding.Decoded.Labels) encoding.decodeTarget(of, outputs, rows)).members()
            : Objects.requireNonNull(encoding.answeredIntervals(outputs).get(of)).tensor();
    return Objects.requireNonNull(tensor, name);
  }

  static List<AnsweredCertainty> of(VersionDefinition model, Encoding encoding) {
    List<AnsweredCertainty> names = new ArrayList<>();
    encoding
        .intervals()
        .forEach(
            (target, interval) -> {
              TargetEncoding own = Objects.requireNonNull(encoding.targets().get(target));
              int columns = Objects.requireNonNull(own.values()).columns().size();
              AnsweredCertainty name =
                  switch (interval) {
                    case Interval.Sets sets when sets.score() != null ->
                        new AnsweredCertainty(
                            target + "_" + Encoding.SET,
                            target,
                            true,
                            ElementType.BOOL,
                            Shape.of(((TargetEncoding.ClassTarget) own).classes().size()));
                    case Interval.Around around when around.halfWidths() != null ->
                        ofInterval(target, columns);
                    case Interval.Between between when between.margin() != null ->
                        ofInterval(between.name(), columns);
                    default -> null;
                  };
              if (name != null
                  && !encoding.targets().containsKey(name.name())
                  && !model.shapes().layers().containsKey(name.name())) {
                names.add(name);
              }
            });
    return names;
  }

  private static AnsweredCertainty ofInterval(String of, int columns) {
    return new AnsweredCertainty(
        of + "_" + Encoding.INTERVAL,
        of,
        false,
        ElementType.FLOAT32,
        AnsweredInterval.shape(columns));
  }
}
