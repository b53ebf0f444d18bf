package io.trainyard.job.sweep;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.job.Submission.Resolved;
import io.trainyard.job.check.JobCheck;
import io.trainyard.job.check.MemoryBudget;
import io.trainyard.spec.NetworkMembers;
import io.trainyard.spec.NetworkMembers.CountedNetwork;
import io.trainyard.spec.NetworkReader;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Refuses trials that cannot answer together, and ensembles that are too large.
 *
 * @param trials each without a violation
 */
record SweepEnsembleCheck(SweepRequest sweep, List<Resolved> trials, MemoryBudget memory) {
  /** An output as it must be in every trial. */
  private record OutputKind(Shape shape, Function activation) {}

  void check(Violations violations) {
    Resolved first = trials.getFirst();
    for (int i = 1; i < trials.size(); i++) {
      String differs = difference(first, trials.get(i));
      if (!differs.isEmpty()) {
        violations.add(
            "/ensemble",
            "An ensemble answers the mean of its trials, and trial 1 and trial %d have %s; leave 'ensemble' out, or those of the parameters %s that change this"
                .formatted(i + 1, differs, List.copyOf(sweep.parameters().keySet())));
        return;
      }
    }
    checkSize(violations);
  }

  /** What another trial has otherwise; empty: nothing. */
  private static String difference(Resolved first, Resolved other) {
    if (!first.task().spec().path("inputs").equals(other.task().spec().path("inputs"))) {
      return "different inputs";
    }
    if (!first.task().spec().path("targets").equals(other.task().spec().path("targets"))) {
      return "different targets";
    }
    Map<String, OutputKind> own = outputs(first.checked());
    Map<String, OutputKind> others = outputs(other.checked());
    if (!own.keySet().equals(others.keySet())) {
      return "outputs of different names, %s and %s (write a \"name\" into the output layers)"
          .formatted(own.keySet(), others.keySet());
    }
    if (!own.equals(others)) {
      return "outputs of different shapes or activations";
    }
    TrainingSpec training = training(first);
    TrainingSpec its = training(other);
    boolean measuresTheSame =
        training.losses().equals(its.losses())
            && training.metrics().equals(its.metrics())
            && training.certainty().equals(its.certainty())
            && Objects.equals(training.rowWeights().column(), its.rowWeights().column());
    return measuresTheSame ? "" : "different losses or metrics";
  }

  private static TrainingSpec training(Resolved trial) {
    return Objects.requireNonNull(trial.checked().request().training());
  }

  private static Map<String, OutputKind> outputs(JobCheck.Checked trial) {
    NetworkSpec network = trial.model().network();
    Map<String, OutputKind> outputs = new LinkedHashMap<>();
    for (String output : network.outputs()) {
      outputs.put(
          output,
          new OutputKind(
              trial.shapes().of(output), network.computing(output).spec().activation().function()));
    }
    return outputs;
  }

  /** The largest ensemble must be a network that can be read, and fit into the memory of a job. */
  private void checkSize(Violations violations) {
    int most = Math.min(sweep.ensemble(), trials.size());
    List<NetworkSpec> networks =
        new ArrayList<>(trials.stream().map(trial -> trial.checked().model().network()).toList());
    networks.sort(
        Comparator.comparingInt((NetworkSpec network) -> network.layers().size()).reversed());
    List<CountedNetwork> members = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      members.addAll(Collections.nCopies(sweep.folds(), new CountedNetwork(networks.get(i), 1)));
      if (NetworkMembers.layers(members) > NetworkReader.MAX_LAYERS
          || NetworkMembers.reads(members) + (long) sweep.ensemble() * sweep.folds()
              > NetworkReader.MAX_READS) {
        violations.add(
            Violation.pointer("/ensemble", "size"),
            i == 0
                ? "The members of the %d folds of one trial have more than %d layers together: write a smaller 'cross_validation'"
                    .formatted(sweep.folds(), NetworkReader.MAX_LAYERS)
                : "%d trials of %d folds may have more than %d layers together: write at most %d"
                    .formatted(most, sweep.folds(), NetworkReader.MAX_LAYERS, i));
        return;
      }
    }
    memory
        .tooMuch(bytes(most))
        .ifPresent(
            text ->
                violations.add(
                    "/ensemble",
                    "The weights of all trainings are kept until the ensemble is chosen, beside"
                        + " what each trial says of all rows. "
                        + text
                        + ": try fewer trials or smaller networks"));
  }

  private long bytes(int most) {
    Resolved first = trials.getFirst();
    long rows = first.checked().plan().trainingRows() + first.checked().plan().validationRows();
    long said = 0;
    for (OutputKind output : outputs(first.checked()).values()) {
      said = Bytes.add(said, Bytes.multiply(output.shape().elements(), 2L * Float.BYTES));
    }
    long weights = 0;
    long largest = 0;
    for (Resolved trial : trials) {
      long own = WeightSpec.elements(trial.checked().shapes().weights());
      weights = Bytes.add(weights, Bytes.multiply(own, (long) Float.BYTES * sweep.folds()));
      largest = Math.max(largest, trial.memory());
    }
    long answers = Bytes.multiply(Bytes.multiply(said, rows), trials.size() + most);
    return Bytes.add(Bytes.add(answers, weights), largest);
  }
}
