package io.trainyard.train;

/**
 * A member of an ensemble whose training has ended.
 *
 * @param fold that it validates on, from 1; 0: it has the same rows as the others
 * @param trainingRows that it was trained on
 * @param validationRows that chose its best epoch
 * @param epochs that it was trained for
 * @param best the record of the epoch whose weights it has
 * @param last the record of its last epoch
 * @param trial of a sweep that it is of; 0: it is of none
 * @param weight how often it counts in the mean
 */
public record EnsembleMember(
    int fold,
    long seed,
    int trainingRows,
    int validationRows,
    int epochs,
    StopReason reason,
    EpochRecord best,
    EpochRecord last,
    int trial,
    int weight) {
  /** A member of a training's own ensemble, which counts as the others do. */
  public EnsembleMember(
      int fold,
      long seed,
      int trainingRows,
      int validationRows,
      int epochs,
      StopReason reason,
      EpochRecord best,
      EpochRecord last) {
    this(fold, seed, trainingRows, validationRows, epochs, reason, best, last, 0, 1);
  }

  /** The same in a mean where it counts so often. */
  EnsembleMember counting(int often) {
    return new EnsembleMember(
        fold, seed, trainingRows, validationRows, epochs, reason, best, last, trial, often);
  }
}
