package io.trainyard.job.sweep;

import io.trainyard.job.JobState;
import io.trainyard.train.EpochRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The trials of a sweep with their means over the folds, the best ones first. */
public final class SweepResults {
  private final List<TrialResult> trials;

  private SweepResults(List<TrialResult> trials) {
    this.trials = List.copyOf(trials);
  }

  /**
   * One trial.
   *
   * @param rank from 1; null until each fold has a value
   * @param mean of the folds; NaN until each has a value
   * @param std of the folds, divided by their number; NaN until each has a value
   * @param folds the objective in the best epoch of each fold; null where it is not known yet
   * @param jobs the trainings, one for each fold
   * @param notes why the objective of a fold could not be computed, by its name; the trial then has
   *     no rank and loses
   */
  public record TrialResult(
      @Nullable Integer rank,
      int number,
      JsonNode parameters,
      double mean,
      double std,
      List<@Nullable Double> folds,
      List<String> jobs,
      JobState.Name state,
      int epochs,
      double bestEpoch,
      Map<String, String> notes) {
    public TrialResult {
      notes = Collections.unmodifiableMap(new LinkedHashMap<>(notes));
      folds = Collections.unmodifiableList(new ArrayList<>(folds));
      jobs = List.copyOf(jobs);
    }

    private TrialResult ranked(int place) {
      return new TrialResult(
          place, number, parameters, mean, std, folds, jobs, state, epochs, bestEpoch, notes);
    }

    boolean isCandidate() {
      return state != JobState.Name.FAILED && state != JobState.Name.CANCELLED;
    }
  }

  /** Ranks the trials of a sweep by what its trainings have stored. */
  static SweepResults of(SweepPlan plan, List<SweepTraining> trainings) {
    Map<Integer, List<SweepTraining>> byTrial = new TreeMap<>();
    for (SweepTraining training : trainings) {
      if (!training.isRefit()) {
        byTrial.computeIfAbsent(training.trial(), _ -> new ArrayList<>()).add(training);
      }
    }
    List<TrialResult> ranked = new ArrayList<>();
    List<TrialResult> others = new ArrayList<>();
    for (List<SweepTraining> folds : byTrial.values()) {
      TrialResult result = result(plan, folds);
      (Double.isNaN(result.mean()) ? others : ranked).add(result);
    }
    ranked.sort(order(plan));
    List<TrialResult> all = new ArrayList<>();
    for (TrialResult result : ranked) {
      all.add(result.ranked(all.size() + 1));
    }
    all.addAll(others);
    return new SweepResults(all);
  }

  /** Trials that a halving dropped come after the others, those with the fewest epochs last. */
  private static Comparator<TrialResult> order(SweepPlan plan) {
    return Comparator.comparing((TrialResult trial) -> !trial.isCandidate())
        .thenComparingInt(trial -> trial.isCandidate() ? 0 : -trial.epochs())
        .thenComparing(byMean(plan.rises()));
  }

  /** The better mean first, then the trial that comes first. */
  private static Comparator<TrialResult> byMean(boolean rises) {
    Comparator<TrialResult> mean = Comparator.comparingDouble(TrialResult::mean);
    return (rises ? mean.reversed() : mean).thenComparingInt(TrialResult::number);
  }

  private static TrialResult result(SweepPlan plan, List<SweepTraining> trainings) {
    List<@Nullable Double> folds = new ArrayList<>();
    double sum = 0;
    double epochs = 0;
    int reached = Integer.MAX_VALUE;
    Map<String, String> notes = new TreeMap<>();
    for (SweepTraining training : trainings) {
      EpochRecord best = training.best();
      Double value = best == null ? null : best.values().getOrDefault(plan.objective(), Double.NaN);
      folds.add(value);
      String note = best == null ? null : best.notes().get(plan.objective());
      if (note != null) {
        notes.putIfAbsent(plan.objective(), note);
      }
      sum += value == null ? Double.NaN : value;
      epochs += best == null ? Double.NaN : best.epoch();
      reached = Math.min(reached, training.epochs());
    }
    int count = trainings.size();
    double mean = Double.isFinite(sum) ? sum / count : Double.NaN;
    double squares = 0;
    for (Double value : folds) {
      squares += value == null ? Double.NaN : (value - mean) * (value - mean);
    }
    return new TrialResult(
        null,
        trainings.getFirst().trial(),
        trainings.getFirst().parameters(),
        mean,
        Math.sqrt(squares / count),
        folds,
        trainings.stream().map(SweepTraining::job).toList(),
        state(trainings),
        reached,
        epochs / count,
        notes);
  }

  private static JobState.Name state(List<SweepTraining> trainings) {
    Map<JobState.Name, Integer> counts = new HashMap<>();
    trainings.forEach(training -> counts.merge(training.state(), 1, Integer::sum));
    if (counts.containsKey(JobState.Name.FAILED)) {
      return JobState.Name.FAILED;
    }
    if (counts.containsKey(JobState.Name.CANCELLED)) {
      return JobState.Name.CANCELLED;
    }
    return counts.size() == 1 ? trainings.getFirst().state() : JobState.Name.RUNNING;
  }

  /** All trials: the ranked ones in their order, then the others. */
  public List<TrialResult> trials() {
    return trials;
  }

  /** The best trial; empty until a trial has a mean. */
  public Optional<TrialResult> best() {
    return trials.stream().filter(trial -> trial.rank() != null).findFirst();
  }

  /** The numbers of the best trials that may train on. */
  List<Integer> survivors(int count, boolean rises) {
    return trials.stream()
        .filter(trial -> trial.rank() != null && trial.isCandidate())
        .sorted(byMean(rises))
        .limit(count)
        .map(TrialResult::number)
        .toList();
  }
}
