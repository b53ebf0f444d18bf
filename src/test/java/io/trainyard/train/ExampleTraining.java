package io.trainyard.train;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/** A short training of the real engine on a few rows, for the examples of the documentation. */
public final class ExampleTraining {
  private static final int ROWS = 8;

  private ExampleTraining() {}

  /** What the target has in each row. */
  public enum Target {
    /** A number from 0 to 1. */
    NUMBER,
    /** 0 or 1. */
    SIGN,
    /** A number of a class of three. */
    CLASS,
    /** Three shares that sum to 1. */
    SHARES,
    /** A time, and whether it is that of an event. */
    SURVIVAL
  }

  /**
   * Trains, and gives the values of the last epoch.
   *
   * @param inputs the shape of a row by the name of the input
   * @param whole whether inputs are whole numbers
   */
  public static Map<String, Double> train(
      String model, String training, Map<String, Shape> inputs, boolean whole, Target target) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    inputs.forEach((name, shape) -> tensors.put(name, input(shape, whole)));
    Subset rows = new Subset(ROWS, tensors, Map.of("y", target(target)));
    TrainingOutcome.Finished outcome =
        Trainings.run(model, training, rows, rows).finish(new Recorder());
    EpochRecord last = outcome.last();
    if (last == null) {
      throw new AssertionError("no epoch has ended");
    }
    return last.values();
  }

  private static HostTensor input(Shape row, boolean whole) {
    int width = Math.toIntExact(row.elements());
    HostTensor tensor = HostTensor.ofFloats(row.batched(ROWS), new float[ROWS * width]);
    for (int i = 0; i < ROWS * width; i++) {
      // Between 0 and 1, without a pattern that repeats with the rows.
      tensor.setFloat(i, whole ? i % 7 : (i * 37 % 101 + 1) / 103f);
    }
    return tensor;
  }

  private static HostTensor target(Target target) {
    if (target == Target.CLASS) {
      HostTensor classes = HostTensor.ofLongs(Shape.of(ROWS), new long[ROWS]);
      for (int row = 0; row < ROWS; row++) {
        classes.setLong(row, row % 3);
      }
      return classes;
    }
    int width =
        switch (target) {
          case SHARES -> 3;
          case SURVIVAL -> 2;
          case NUMBER, SIGN, CLASS -> 1;
        };
    HostTensor numbers = HostTensor.ofFloats(Shape.of(ROWS, width), new float[ROWS * width]);
    for (int i = 0; i < ROWS * width; i++) {
      numbers.setFloat(
          i,
          switch (target) {
            case NUMBER -> (i + 1) / 10f;
            case SIGN -> i % 2;
            case SHARES -> i % width == 0 ? 0.5f : 0.25f;
            case SURVIVAL -> i % width == 0 ? i + 1 : i / width % 2;
            case CLASS -> throw new AssertionError();
          });
    }
    return numbers;
  }
}
