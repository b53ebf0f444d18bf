package io.trainyard.train.metric;

/** What an evaluation keeps of one target. */
sealed interface TargetSums permits ClassSums, NumberSums, SurvivalSums {
  /**
   * Adds rows.
   *
   * @param firstRow the place of the block's first row in the part
   */
  void add(RowBlock block, int firstRow);
}
