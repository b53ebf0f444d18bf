package io.trainyard.api.docs;

import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.prepare.SplitRows;
import io.trainyard.engine.layer.Activations;
import io.trainyard.spec.description.Description;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.train.ScheduleRates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The pictures of the reference, drawn from what the service's own code computes. */
final class Plots {
  private static final int EPOCHS = 100;
  private static final int POINTS = 201;
  private static final double REACH = 4;

  /**
   * One picture.
   *
   * @param text for those who do not see it
   */
  record Plot(String file, String text, Supplier<String> svg) {}

  private Plots() {}

  /** The pictures of one type. */
  static List<Plot> of(Description type) {
    String name = type.name();
    return switch (type.kind()) {
      case "activation" ->
          List.of(
              new Plot(
                  "activation-" + name + ".svg",
                  name + " and its derivative from −4 to 4" + (isVector(name) ? " of [x, 0]" : ""),
                  () -> activation(type)));
      case "schedule" ->
          List.of(
              new Plot(
                  "schedule-" + name + ".svg",
                  name + ": the learning rate over 100 epochs",
                  () -> schedule(type.example())));
      default -> List.of();
    };
  }

  /** A function of the whole last axis. */
  private static boolean isVector(String name) {
    return name.endsWith("softmax");
  }

  private static String activation(Description type) {
    double[] x =
        IntStream.range(0, POINTS)
            .mapToDouble(i -> -REACH + 2 * REACH * i / (POINTS - 1))
            .toArray();
    int width = isVector(type.name()) ? 2 : 1;
    float[] rows = new float[POINTS * width];
    for (int i = 0; i < POINTS; i++) {
      rows[i * width] = (float) x[i];
    }
    ActivationSpec.Function function =
        ActivationSpec.Function.valueOf(type.name().toUpperCase(Locale.ROOT));
    JsonNode alpha = type.example().path("alpha");
    ActivationSpec activation =
        alpha.isNumber()
            ? new ActivationSpec(function, alpha.doubleValue())
            : ActivationSpec.of(function);
    try (PointerScope _ = new PointerScope()) {
      Tensor input =
          torch.tensor(rows).reshape(POINTS, width).detach().clone().set_requires_grad(true);
      Tensor output = Activations.apply(activation, input).select(1, 0);
      double[] derivative = new double[POINTS];
      if (output.requires_grad()) {
        output.sum().backward();
        derivative = doubles(input.grad().select(1, 0));
      }
      return new LinePlot(x, List.of(doubles(output), derivative), 0).svg();
    }
  }

  private static double[] doubles(Tensor tensor) {
    double[] values = new double[POINTS];
    for (int i = 0; i < POINTS; i++) {
      values[i] = tensor.select(0, i).item_double();
    }
    return values;
  }

  private static String schedule(JsonNode example) {
    double[] epochs = IntStream.rangeClosed(1, EPOCHS).mapToDouble(epoch -> epoch).toArray();
    return new LinePlot(epochs, List.of(ScheduleRates.of(example.toString(), EPOCHS)), 0).svg();
  }

  /** The pictures of how rows are split. */
  static List<Plot> ofSplits() {
    return List.of(
        new Plot(
            "split-modes.svg",
            "30 rows split at random, stratified, and in file order",
            Plots::modes),
        new Plot(
            "split-folds.svg", "The five folds of a cross-validation of 30 rows", Plots::folds),
        new Plot(
            "split-series.svg",
            "The folds of one series, and of five groups of series",
            Plots::series));
  }

  private static final int ROWS = 30;
  private static final int FOLDS = 5;

  private static String modes() {
    int[] strata = IntStream.range(0, ROWS).map(row -> row % 3 == 0 ? 1 : 0).toArray();
    Map<String, byte[]> rows = new LinkedHashMap<>();
    rows.put("random", SplitRows.of(ROWS, split(SplitSpec.By.RANDOM, null), null));
    rows.put("stratify", SplitRows.of(ROWS, split(SplitSpec.By.RANDOM, "label"), strata));
    rows.put("file_order", SplitRows.of(ROWS, split(SplitSpec.By.FILE_ORDER, null), null));
    return new SplitPlot(rows, strata).svg();
  }

  private static SplitSpec split(SplitSpec.By by, @Nullable String stratify) {
    return new SplitSpec(0.2, 0.1, stratify, by, null, null);
  }

  private static String folds() {
    Map<String, byte[]> rows = new LinkedHashMap<>();
    for (FoldSpec fold : all()) {
      SplitSpec split = SplitRows.fold(split(SplitSpec.By.RANDOM, null), fold);
      rows.put("fold " + fold.number() + " of " + FOLDS, SplitRows.of(ROWS, split, null));
    }
    return new SplitPlot(rows, new int[0]).svg();
  }

  private static String series() {
    Map<String, byte[]> rows = new LinkedHashMap<>();
    SplitSpec split = split(SplitSpec.By.FILE_ORDER, null);
    rows.put("one series", SplitRows.ofSeries(ROWS, split));
    for (FoldSpec fold : all()) {
      rows.put("… fold " + fold.number(), SplitRows.ofSeries(ROWS, SplitRows.fold(split, fold)));
    }
    for (FoldSpec fold : all()) {
      rows.put("5 groups, fold " + fold.number(), SplitRows.ofGroups(ROWS / FOLDS, split, fold));
    }
    return new SplitPlot(rows, new int[0]).svg();
  }

  private static List<FoldSpec> all() {
    List<FoldSpec> folds = new ArrayList<>();
    for (int number = 1; number <= FOLDS; number++) {
      folds.add(new FoldSpec(number, FOLDS));
    }
    return folds;
  }
}
