package io.trainyard.spec.check;

import io.trainyard.error.Violations;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.phase.PhaseFaults;
import io.trainyard.spec.phase.PhaseModel;
import io.trainyard.spec.training.Certainty;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.Phase;
import io.trainyard.spec.training.Phases;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.weights.InitializerSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The checks of a training in phases: each is checked as a training of its own. */
record PhasedCheck(TrainingCheck whole, Phases phases) {

  void check(Violations violations) {
    GradientReach.of(whole).checkUnused(violations);
    check(violations, true);
  }

  /** As {@link #check}, for a model of which some parts could not be read. */
  void checkParts(Violations violations) {
    check(violations, false);
  }

  private void check(Violations violations, boolean complete) {
    PhaseFaults faults = new PhaseFaults(phases);
    for (Phase phase : phases.list()) {
      Violations found = new Violations();
      // What a phase names may be a layer that could not be read.
      TrainingCheck part = part(phase, complete ? found : new Violations());
      if (part != null) {
        part.checkPart(phase.pointer() + "/train", complete, found);
      }
      faults.add(phase, found);
    }
    faults.addTo(violations);
    checkFirstWeights(violations);
  }

  /** Each phase has layers and batches of its own, so there is no first batch for all of them. */
  private void checkFirstWeights(Violations violations) {
    for (Layer layer : whole.model().network().layers()) {
      // Those of a nested model are its version's.
      boolean nested = NestedSpec.isInner(layer.name());
      if (!nested && layer.spec() instanceof CoreSpec.Dense dense) {
        boolean kernel = dense.rules().initializer() instanceof InitializerSpec.Data;
        if (kernel || dense.rules().biasInitializer() instanceof InitializerSpec.Data) {
          violations.add(
              whole.pointer(layer) + (kernel ? "/initializer" : "/bias_initializer"),
              "'data' looks at the first batch of the training, and a training in phases has one for each phase: use another initializer, as lecun_normal");
        }
      }
    }
  }

  private @Nullable TrainingCheck part(Phase phase, Violations violations) {
    PhaseModel found = PhaseModel.of(whole.model(), phase, violations);
    return found == null
        ? null
        : new TrainingCheck(
            found.model(),
            whole.shapes().of(found.model().network()),
            TargetValues.of(found.model(), whole.shapes(), whole.values()),
            sure(found.training()),
            whole.modelPointer(),
            phase.pointer());
  }

  /** A phase before the final one may list metrics of the intervals that the final one learns. */
  private TrainingSpec sure(TrainingSpec phase) {
    TrainingSpec all = whole.training();
    Certainty.Intervals learned = all == null ? null : all.certainty().intervals();
    boolean measures =
        phase.metrics().values().stream().flatMap(List::stream).anyMatch(MetricSpec::isOfIntervals);
    return learned == null || !measures || phase.certainty().intervals() != null
        ? phase
        : phase.saying(
            new Certainty(
                phase.certainty().calibration(),
                new Certainty.Intervals(learned.coverage(), List.of())));
  }

  /** The metrics of each phase and target; without the phases that name something in vain. */
  Map<String, Map<String, List<MetricSpec>>> metrics() {
    Map<String, Map<String, List<MetricSpec>>> metrics = new LinkedHashMap<>();
    for (Phase phase : phases.list()) {
      TrainingCheck part = part(phase, new Violations());
      if (part != null) {
        metrics.put(phase.name(), part.metrics());
      }
    }
    return metrics;
  }

  List<Warning> warnings() {
    Set<String> trained = new HashSet<>();
    List<Warning> warnings = new ArrayList<>();
    for (Phase phase : phases.list()) {
      TrainingCheck part = part(phase, new Violations());
      if (part != null) {
        trained.addAll(part.model().targets().keySet());
        for (Warning warning : ModelWarnings.ofTraining(part)) {
          Warning placed =
              new Warning(phase.place(warning.pointer()), warning.code(), warning.detail());
          if (!warnings.contains(placed)) {
            warnings.add(placed);
          }
        }
      }
    }
    for (Map.Entry<String, TargetSpec> target : whole.model().targets().entrySet()) {
      if (!trained.contains(target.getKey())
          && target.getValue().source() instanceof TargetSpec.Source.Columns) {
        warnings.add(
            new Warning(
                whole.trainingPointer() + "/phases",
                "target_not_trained",
                "No phase trains target '%s', so predictions of it come from weights that never saw it. Add a phase without 'output' and 'target', or remove the target"
                    .formatted(target.getKey())));
      }
    }
    return warnings;
  }
}
