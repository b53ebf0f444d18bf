package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.tensor.Closeness;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * Compares the answers for rows that are computed alone with those for the same rows among others:
 * random rows, in several orders and numbers. What mixes rows for some inputs only may pass, so it
 * shows that a file mixes rows, never that it does not.
 */
record RowAgreement(LoadedModel model, BooleanSupplier stopped) {
  private static final long SEED = 1;
  private static final int ROWS = 7;
  private static final Duration LONGEST = Duration.ofSeconds(5);

  /**
   * Of the largest number of an output: a batch takes other kernels than a row, and a file may
   * compute in 16 bits. What mixes rows on purpose differs by far more.
   */
  private static final Closeness EQUAL = new Closeness(0, 1e-2, Float.MIN_NORMAL);

  /** How rows are drawn: floats up to about {@code scale}, whole numbers below {@code below}. */
  private record Draw(float scale, int below) {}

  private static final List<Draw> DRAWS =
      List.of(new Draw(1, 2), new Draw(10, 2), new Draw(0.1f, 4), new Draw(3, 10), new Draw(1, 50));

  /** Whether no answer differed. */
  boolean holds() {
    long start = System.nanoTime();
    SplittableRandom random = new SplittableRandom(SEED);
    for (Draw draw : DRAWS) {
      if (!holds(draw, random)) {
        return false;
      }
      if (System.nanoTime() - start > LONGEST.toNanos()) {
        return true;
      }
    }
    return true;
  }

  private boolean holds(Draw draw, SplittableRandom random) {
    Map<String, HostTensor> rows = draw(draw, random);
    Map<String, HostTensor> alone = new LinkedHashMap<>();
    for (int row = 0; row < ROWS; row++) {
      int place = row;
      Optional<Map<String, HostTensor>> one = computed(taken(rows, place));
      if (one.isEmpty()) {
        return true; // the file refuses such rows: an index beyond a table, perhaps
      }
      one.get()
          .forEach(
              (name, value) ->
                  alone
                      .computeIfAbsent(
                          name,
                          _ -> HostTensor.allocate(value.type(), value.shape().row().batched(ROWS)))
                      .rows(place, 1)
                      .data()
                      .copyFrom(value.data()));
    }
    return agree(rows, alone, 0, 1, 2, 3, 4, 5, 6)
        && agree(rows, alone, 6, 5, 4, 3, 2, 1, 0)
        && agree(rows, alone, 4, 1)
        && agree(rows, alone, 5, 0, 0);
  }

  /** Whether these rows together have the answers that each has alone. */
  private boolean agree(
      Map<String, HostTensor> rows, Map<String, HostTensor> alone, int... places) {
    Optional<Map<String, HostTensor>> together = computed(taken(rows, places));
    if (together.isEmpty()) {
      return false;
    }
    for (Map.Entry<String, HostTensor> output : together.get().entrySet()) {
      HostTensor wanted = Objects.requireNonNull(alone.get(output.getKey())).rows(places);
      if (!agree(wanted, output.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static boolean agree(HostTensor wanted, HostTensor given) {
    return wanted.shape().equals(given.shape()) && EQUAL.firstDifference(wanted, given) < 0;
  }

  private static Map<String, HostTensor> taken(Map<String, HostTensor> rows, int... places) {
    Map<String, HostTensor> taken = new LinkedHashMap<>();
    rows.forEach((name, tensor) -> taken.put(name, tensor.rows(places)));
    return taken;
  }

  /** The outputs; none when the file does not answer such rows. */
  private Optional<Map<String, HostTensor>> computed(Map<String, HostTensor> rows) {
    try {
      return Optional.of(model.network().forward(rows, model.outputs(), stopped));
    } catch (ServiceException e) {
      if (e.code() == ErrorCode.INVALID_BODY) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Map<String, HostTensor> draw(Draw draw, SplittableRandom random) {
    Map<String, HostTensor> rows = new LinkedHashMap<>();
    model
        .signature()
        .inputs()
        .forEach(
            (name, input) -> {
              HostTensor tensor = input.zeros(ROWS);
              for (long i = 0; i < tensor.shape().elements(); i++) {
                if (input.type() == ElementType.INT64) {
                  tensor.setLong(i, random.nextInt(draw.below()));
                } else {
                  tensor.setFloat(i, draw.scale() * (float) random.nextGaussian());
                }
              }
              rows.put(name, tensor);
            });
    return rows;
  }
}
