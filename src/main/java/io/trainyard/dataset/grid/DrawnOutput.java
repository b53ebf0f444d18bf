package io.trainyard.dataset.grid;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.error.Violations;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of a network's outputs becomes the values of a picture.
 *
 * @param name of the output or layer
 * @param unit of it
 * @param classes the classes that it decides between; empty: its number is drawn
 * @param scores what its numbers mean
 * @param rule decides between the classes, or corrects the probability that is drawn; null: neither
 * @param target the column of the classes of points; null: points have none
 * @param inUnits whether a number is in the units of a target
 * @param meaning of the values
 */
public record DrawnOutput(
    String name,
    int unit,
    List<String> classes,
    Scores scores,
    TargetEncoding.@Nullable ClassTarget rule,
    @Nullable String target,
    boolean inUnits,
    String meaning) {
  private static final double HALF = 0.5;

  /** The output that decides; null when none does. */
  public static @Nullable DrawnOutput decision(
      NetworkShapes shapes, Encoding encoding, @Nullable String unit) {
    for (Map.Entry<String, TargetEncoding> each : encoding.targets().entrySet()) {
      TargetEncoding target = each.getValue();
      String output = target.output();
      boolean asked = unit == null || unit.equals(each.getKey()) || unit.equals(output);
      if (asked && shapes.of(output).rank() == 1) {
        int width = shapes.of(output).last();
        if (target instanceof TargetEncoding.ClassTarget labels) {
          return new DrawnOutput(
              output,
              0,
              labels.classes(),
              labels.scores(),
              labels,
              labels.column(),
              false,
              each.getKey());
        }
        if (target instanceof TargetEncoding.NumberTarget numbers && width == 1) {
          String column = numbers.encoding().columnNames().getFirst();
          return new DrawnOutput(
              output, 0, List.of("0", "1"), Scores.NUMBER, null, column, true, each.getKey());
        }
      }
    }
    return null;
  }

  /** The number of a unit; null, with a violation, when there is no such unit. */
  public static @Nullable DrawnOutput number(
      NetworkShapes shapes, Encoding encoding, @Nullable String unit, Violations found) {
    String name = unit == null ? encoding.targets().keySet().iterator().next() : layer(unit);
    TargetEncoding target = encoding.targets().get(name);
    String layer = target == null ? name : target.output();
    Set<String> layers = shapes.layers().keySet();
    if (!layers.contains(layer)) {
      found.add(
          "/unit", "There is no layer or target '%s'; the layers are %s".formatted(name, layers));
      return null;
    }
    int rank = shapes.of(layer).rank();
    int width = rank == 0 ? 1 : shapes.of(layer).last();
    int index = unit == null ? -1 : index(unit);
    TargetEncoding own = target;
    for (TargetEncoding each : encoding.targets().values()) {
      own = own == null && each.output().equals(layer) ? each : own;
    }
    boolean classes = own instanceof TargetEncoding.ClassTarget;
    int usual = classes && width == 2 ? 1 : 0;
    int place = index < 0 ? usual : index;
    if (rank > 1 || place >= width) {
      found.add(
          "/unit",
          rank > 1
              ? "Layer '%s' gives %s, and a picture shows one number"
                  .formatted(layer, shapes.of(layer))
              : "Layer '%s' has the units 0 to %d, not %d".formatted(layer, width - 1, place));
      return null;
    }
    String label = null;
    Scores scores = Scores.NUMBER;
    if (own instanceof TargetEncoding.ClassTarget labels) {
      label = width == 1 ? labels.classes().getLast() : labels.classes().get(place);
      scores = labels.scores();
    }
    String meaning =
        label != null
            ? (scores.hasProbabilities() ? "probability of " : "margin of ") + label
            : own != null && isNamed(own, width)
                ? (target == null ? own.output() : name)
                : layer + "/" + place;
    return new DrawnOutput(
        layer,
        place,
        List.of(),
        scores,
        own instanceof TargetEncoding.ClassTarget labels && labels.calibration() != null
            ? labels
            : null,
        null,
        own instanceof TargetEncoding.NumberTarget,
        meaning);
  }

  /** Whether the target's name says what a number of its output is. */
  private static boolean isNamed(TargetEncoding target, int width) {
    return target instanceof TargetEncoding.NumberTarget
        || (target instanceof TargetEncoding.RawTarget && width == 1);
  }

  /** The name of a layer before the number of a unit. */
  public static String layer(String unit) {
    return index(unit) < 0 ? unit : unit.substring(0, unit.lastIndexOf('/'));
  }

  /** The number of a unit behind the name of its layer; −1 when there is none. */
  public static int index(String unit) {
    String last = unit.substring(unit.lastIndexOf('/') + 1);
    boolean numbered = unit.contains("/") && last.matches("\\d{1,7}");
    return numbered ? Integer.parseInt(last) : -1;
  }

  /** The value of a row: the index of a class or a number. */
  public double value(HostTensor output, int row) {
    int width = output.shape().rank() < 2 ? 1 : output.shape().last();
    long from = (long) row * width;
    if (classes.isEmpty() && rule != null) {
      return rule.shares(output, from, width)[width == 1 ? 1 : unit];
    }
    if (classes.isEmpty()) {
      return scores == Scores.LOGIT ? share(output, from, width) : output.doubleAt(from + unit);
    }
    return rule == null
        ? (output.doubleAt(from) >= HALF ? 1 : 0)
        : rule.decided(output, from, width);
  }

  private double share(HostTensor output, long from, int width) {
    double own = output.doubleAt(from + unit);
    if (width == 1) {
      return 1 / (1 + Math.exp(-own));
    }
    double sum = 0;
    for (int i = 0; i < width; i++) {
      sum += Math.exp(output.doubleAt(from + i) - own);
    }
    return 1 / sum;
  }

  /** The index of the class of a row's text; −1 for another one. */
  public int label(String text) {
    if (!inUnits) {
      return classes.indexOf(text);
    }
    try {
      return Double.parseDouble(text) >= HALF ? 1 : 0;
    } catch (NumberFormatException e) {
      return text.equals("true") ? 1 : -1;
    }
  }
}
