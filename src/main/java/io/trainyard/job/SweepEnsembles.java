package io.trainyard.job;

import java.util.List;

/** What the last training of a sweep needs of the others, as far as they must know of it. */
public interface SweepEnsembles {
  /**
   * The folds whose members are published in place of a refit, or say how sure it is; 0: the refit
   * needs none. All trainings of the sweep then encode rows by what is learned on the rows of all
   * folds, and those of trials keep their weights.
   */
  int folds(TrainingTask.Trial trial);

  /** What the last training of such a sweep chooses from, or the folds of the trial it refits. */
  Library library(TrainingTask.Trial last);

  /**
   * Trials that have ended in every fold, in the order of their numbers.
   *
   * @param size the most trials that are added, of which several may be the same; 0: it is a refit
   * @param objective the value that is compared, as an epoch's record names it
   * @param rises whether a larger one is better
   */
  record Library(List<TrialOfFolds> trials, int size, String objective, boolean rises) {
    public Library {
      trials = List.copyOf(trials);
    }
  }

  /**
   * A trial.
   *
   * @param folds its trainings, by fold
   */
  record TrialOfFolds(int number, List<Job> folds) {
    public TrialOfFolds {
      folds = List.copyOf(folds);
    }
  }
}
