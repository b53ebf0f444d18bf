package io.trainyard.engine;

import io.trainyard.engine.loss.EpochLoss;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The losses of an epoch: the one that is minimized and, when there are several objectives, that of
 * each.
 */
public final class EpochLosses implements AutoCloseable {
  private static final String NAME = "losses";

  private final EpochLoss total;
  private final List<EpochLoss> terms;

  /**
   * For this many objectives.
   *
   * @param objectives of one, the loss says all
   */
  EpochLosses(Device device, int objectives) {
    total = new EpochLoss(device);
    terms = new ArrayList<>();
    IntStream.range(0, objectives == 1 ? 0 : objectives)
        .forEach(_ -> terms.add(new EpochLoss(device)));
  }

  void clear() {
    total.clear();
    terms.forEach(EpochLoss::clear);
  }

  /** Whether each step's loss is read at once: on the CPU, unless another choice was made. */
  public boolean readsEach() {
    return total.readsEach();
  }

  /** Sets {@link #readsEach} before an epoch begins. */
  public void readEach(boolean each) {
    all().forEach(loss -> loss.readEach(each));
  }

  /** Adds a batch's loss; false when it is read and is not finite. */
  boolean add(BatchLoss.Terms loss, int count) {
    if (!total.add(loss.total(), count)) {
      return false;
    }
    for (int i = 0; i < terms.size(); i++) {
      terms.get(i).add(loss.terms().get(i), count);
    }
    return true;
  }

  /**
   * The mean of the batches' losses, weighted by their rows. The first is the loss that is
   * minimized; behind it come those of the objectives, if there are several.
   */
  public double[] means() {
    return all().mapToDouble(EpochLoss::mean).toArray();
  }

  /** The first step whose loss was not finite, from 1; 0 when all were. */
  public long firstNonFinite() {
    return total.firstNonFinite();
  }

  /** The epoch's sums so far by name, in a map that takes more. */
  Map<String, HostTensor> toHost() {
    Map<String, HostTensor> state = new HashMap<>();
    double[] sums = all().map(EpochLoss::sums).flatMapToDouble(Arrays::stream).toArray();
    state.put(NAME, HostTensor.ofDoubles(Shape.of(sums.length), sums));
    return state;
  }

  void restore(Map<String, HostTensor> state) {
    double[] sums = Objects.requireNonNull(state.get(NAME)).toDoubles();
    total.restore(sums, 0);
    for (int i = 0; i < terms.size(); i++) {
      terms.get(i).restore(sums, i + 1);
    }
  }

  private Stream<EpochLoss> all() {
    return Stream.concat(Stream.of(total), terms.stream());
  }

  @Override
  public void close() {
    all().forEach(EpochLoss::close);
  }
}
