package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.model.ServingCheck;
import io.trainyard.predict.compute.ComputeQueue;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.ForwardPlan.RowCost;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import java.util.List;

/**
 * How many rows of a network are computed at once.
 *
 * @param share memory of each thread for the values of one slice
 * @param largest memory of the only slice at a time that may need more than a share
 */
public record PredictLimits(long share, long largest) implements ServingCheck {
  /** A slice of this work takes a core about 10 to 50 ms. */
  private static final long SLICE_MULTIPLY_ADDS = 500_000_000;

  /** Less work than this is light: it takes a core a few milliseconds. */
  private static final long HEAVY_MULTIPLY_ADDS = 50_000_000;

  /** The work between two turns of other callers on the same thread. */
  private static final long TURN_MULTIPLY_ADDS = 2_000_000;

  /** Half of the memory is divided among the threads, half is for one large row. */
  static PredictLimits of(long bytes, int threads) {
    return new PredictLimits(bytes / 2 / threads, bytes / 2);
  }

  @Override
  public void check(NetworkSpec network, NetworkShapes shapes, String pointer) {
    RowCost cost = ForwardPlan.of(network, network.outputs()).cost(shapes);
    if (cost.bytes() > largest) {
      throw tooLarge(cost, pointer);
    }
  }

  /**
   * The rows of one slice, at least 1.
   *
   * @throws ServiceException TOO_MUCH_MEMORY when one row does not fit
   */
  int rowsPerSlice(RowCost cost) {
    if (cost.bytes() > largest) {
      throw tooLarge(cost, "");
    }
    long byBytes = share / Math.max(1, cost.bytes());
    long byWork = SLICE_MULTIPLY_ADDS / Math.max(1, cost.multiplyAdds());
    return Math.clamp(Math.min(byBytes, byWork), 1, Integer.MAX_VALUE);
  }

  /**
   * Slices for compute threads; small requests share a step until it would be heavy.
   *
   * @param most the most rows of a slice
   */
  ForwardPass.Slices slices(RowCost cost, int rows, int most) {
    int perSlice = Math.min(rows, most);
    ComputeQueue.Weight weight = weight(cost, perSlice);
    long light = HEAVY_MULTIPLY_ADDS / Math.max(1, cost.multiplyAdds());
    long together = weight == ComputeQueue.Weight.LIGHT ? Math.min(most, light) : most;
    return new ForwardPass.Slices(perSlice, (int) together, weight);
  }

  /**
   * Slices for a caller's own thread, each of about a millisecond.
   *
   * @param most the most rows of a slice
   */
  ForwardPass.Slices turns(RowCost cost, int rows, int most) {
    long turn = Math.max(1, TURN_MULTIPLY_ADDS / Math.max(1, cost.multiplyAdds()));
    int perSlice = (int) Math.min(Math.min(rows, most), turn);
    return new ForwardPass.Slices(perSlice, perSlice, ComputeQueue.Weight.LIGHT);
  }

  /** What a slice of these rows occupies. */
  ComputeQueue.Weight weight(RowCost cost, int rows) {
    if (cost.bytes() > share) {
      return ComputeQueue.Weight.LARGE;
    }
    return cost.multiplyAdds() > HEAVY_MULTIPLY_ADDS / rows
        ? ComputeQueue.Weight.HEAVY
        : ComputeQueue.Weight.LIGHT;
  }

  private ServiceException tooLarge(RowCost cost, String pointer) {
    String detail =
        "One row needs %d bytes for its input and the layers' values; a quarter of trainyard.predict.memory, %d bytes, may be used"
            .formatted(cost.bytes(), largest);
    return new ServiceException(
        ErrorCode.TOO_MUCH_MEMORY, detail, List.of(new Violation(pointer, detail)));
  }
}
