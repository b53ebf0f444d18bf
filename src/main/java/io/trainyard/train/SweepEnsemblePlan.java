package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.spec.training.Certainty;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * The trials of a sweep that an ensemble is made of. They have the same inputs, targets, losses,
 * metrics and folds; their networks may differ.
 *
 * @param trials in the order of their numbers
 * @param whole the rows of all folds together, by whose encoding each of them is encoded
 * @param rows gives the rows of a fold, from 0; its caller closes them
 * @param size the most trials that are added, of which several may be the same
 * @param objective the value that is compared, as an epoch's record names it
 * @param rises whether a larger one is better
 * @param certainty what the ensemble says of itself, learned on the rows of all folds
 */
public record SweepEnsemblePlan(
    List<TrainedTrial> trials,
    PreparedData whole,
    IntFunction<PreparedData> rows,
    int size,
    String objective,
    boolean rises,
    Certainty certainty) {
  public SweepEnsemblePlan {
    trials = List.copyOf(trials);
  }

  /**
   * A trial whose fold members are trained.
   *
   * @param number from 1
   * @param parameters its values by JSON pointer into the job
   */
  public record TrainedTrial(
      int number, JsonNode parameters, TrainingPlan plan, List<FoldMember> folds) {
    public TrainedTrial {
      folds = List.copyOf(folds);
    }
  }

  /**
   * The member that has not seen a fold.
   *
   * @param weights reads them, by stored name
   */
  public record FoldMember(EnsembleMember member, Supplier<Map<String, HostTensor>> weights) {}

  int folds() {
    return trials.getFirst().folds().size();
  }
}
