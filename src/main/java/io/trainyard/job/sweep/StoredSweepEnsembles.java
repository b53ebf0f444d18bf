package io.trainyard.job.sweep;

import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore;
import io.trainyard.job.SweepEnsembles;
import io.trainyard.job.TrainingTask;
import io.trainyard.job.sweep.SweepResults.TrialResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** The ensembles of the stored sweeps. */
@Component
record StoredSweepEnsembles(JobStore jobs, SweepStore store) implements SweepEnsembles {
  @Override
  public int folds(TrainingTask.Trial trial) {
    return jobs.find(trial.sweep())
        .map(SweepPlan::of)
        .filter(SweepPlan::keepsFolds)
        .map(SweepPlan::folds)
        .orElse(0);
  }

  @Override
  public Library library(TrainingTask.Trial last) {
    SweepPlan plan = SweepPlan.of(jobs.find(last.sweep()).orElseThrow());
    List<SweepTraining> trainings = store.trainings(last.sweep());
    List<TrialOfFolds> trials = new ArrayList<>();
    Map<Integer, List<String>> ended = ended(trainings);
    if (!plan.endsInEnsemble()) {
      ended.keySet().retainAll(best(plan, trainings).stream().map(TrialResult::number).toList());
    }
    ended.forEach(
        (trial, ids) -> {
          List<Job> folds = ids.stream().flatMap(id -> jobs.find(id).stream()).toList();
          trials.add(new TrialOfFolds(trial, folds));
        });
    return new Library(trials, plan.ensembleSize(), plan.objective(), plan.rises());
  }

  /** The best trial; where the folds are needed, of those that have ended in every fold. */
  static Optional<TrialResult> best(SweepPlan plan, List<SweepTraining> trainings) {
    Set<Integer> ended = ended(trainings).keySet();
    return SweepResults.of(plan, trainings).trials().stream()
        .filter(trial -> trial.rank() != null)
        .filter(trial -> !plan.keepsFolds() || ended.contains(trial.number()))
        .findFirst();
  }

  /** The trainings of the trials that have ended in every fold, by trial. */
  static Map<Integer, List<String>> ended(List<SweepTraining> trainings) {
    Map<Integer, List<String>> ended = new TreeMap<>();
    for (SweepTraining training : trainings) {
      if (!training.isRefit()) {
        ended.computeIfAbsent(training.trial(), _ -> new ArrayList<>()).add(training.job());
      }
    }
    trainings.stream()
        .filter(each -> each.state() != JobState.Name.SUCCEEDED)
        .forEach(each -> ended.remove(each.trial()));
    return ended;
  }
}
