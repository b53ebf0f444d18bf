package io.trainyard.train;

import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.LossSums;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingSession;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Rows with what a network says of them, as at prediction. They can be seen several times. */
interface AnsweredRows {
  /** How many there are. */
  int rows();

  /**
   * Shows all rows, batch by batch.
   *
   * @param losses gets their losses
   * @param mayContinue asked before every batch
   * @return false when it may not continue
   */
  boolean each(@Nullable BatchObserver observer, LossSums losses, BooleanSupplier mayContinue);

  /**
   * The rows of a subset, computed each time with the weights that a session then has.
   *
   * @param batch the rows computed at once
   */
  record Resident(TrainingSession session, ResidentSubset subset, int batch)
      implements AnsweredRows {
    @Override
    public int rows() {
      return subset.rows();
    }

    @Override
    public boolean each(
        @Nullable BatchObserver observer, LossSums losses, BooleanSupplier mayContinue) {
      for (int from = 0; from < rows(); from += batch) {
        if (!mayContinue.getAsBoolean()) {
          return false;
        }
        int count = Math.min(batch, rows() - from);
        losses.add(session.evaluate(subset, from, count, observer));
      }
      return true;
    }
  }
}
