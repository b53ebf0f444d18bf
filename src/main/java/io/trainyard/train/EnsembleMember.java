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
 */
public record EnsembleMember(
    int fold,
    long seed,
    int trainingRows,
    int validationRows,
    int epochs,
    StopReason reason,
    EpochRecord best,
    EpochRecord last) {}
